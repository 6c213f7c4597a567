// The demo's bundled files: they parse and rate by the program's own steps, and the file is what its script writes.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { decimalOf, isCurrency, parseMicros } from '@tollkeeper/money';
import { isCdrRejection, isRatingRejection, rate, readCdrs } from '@tollkeeper/rating';
import { DEMO_WINDOW_MS, type DemoMessage, demoDeck, demoIntake, demoMessages, demoTenants } from './demo.js';

const NOW_MS = Date.UTC(2026, 2, 1, 12, 0, 0, 345);
const DAY_MS = 86_400_000;

type Tally = {
  readonly formats: Record<string, number>;
  /** What becomes of each CDR, and of each message that holds none. */
  readonly outcomes: Record<string, number>;
  readonly debited: Record<string, bigint>;
};

/** The program's steps without an account: what becomes of each message. */
function tallyOf(messages: readonly DemoMessage[]): Tally {
  const [intake, deck] = [demoIntake(), demoDeck()];
  const currencies = new Map(demoTenants().map(({ tenant, currency }) => [tenant, currency]));
  const seen = new Map<string, string>();
  const tally: Tally = { formats: {}, outcomes: {}, debited: {} };
  const count = (counts: Record<string, number>, name: string): void => {
    counts[name] = (counts[name] ?? 0) + 1;
  };
  for (const { headers, key, value } of messages) {
    const source = intake.sources.get(headers['cdr-source'] ?? '');
    if (source === undefined) throw new Error(`a message names source ${headers['cdr-source']}`);
    const read = readCdrs(value, source, intake);
    if (isCdrRejection(read)) {
      count(tally.outcomes, read.code);
      continue;
    }
    for (const { called, cdr, fingerprint, tenant } of read.prepared) {
      expect(tenant).toBe(key);
      count(tally.formats, cdr.format);
      const id = `${tenant} ${source.name} ${cdr.id}`;
      const before = seen.get(id);
      const answerTimeMs = cdr.answerTimeMs ?? 0;
      if (before !== undefined) count(tally.outcomes, before === fingerprint ? 'duplicate' : 'conflict');
      else if (cdr.notBillable !== null) count(tally.outcomes, cdr.notBillable);
      else if (answerTimeMs < NOW_MS - 35 * DAY_MS) count(tally.outcomes, 'too-old');
      else {
        expect(answerTimeMs).toBeGreaterThanOrEqual(NOW_MS - DEMO_WINDOW_MS - 1000);
        expect(answerTimeMs).toBeLessThan(NOW_MS);
        const calledNumber = called.e164 ?? cdr.calledNumber;
        const category = cdr.category ?? cdr.direction ?? 'outbound';
        const call = {
          plan: 'default',
          currency: currencies.get(key) ?? '',
          category,
          calledNumber,
          answerTimeMs,
          usageMs: cdr.usageMs,
          emergency: called.emergency,
        };
        const rated = rate(call, deck);
        count(tally.outcomes, isRatingRejection(rated) ? rated.code : rated.category === 'emergency' ? 'emergency' : 'debit');
        if (!isRatingRejection(rated)) tally.debited[key] = (tally.debited[key] ?? 0n) + rated.amountMicros;
      }
      if (before === undefined) seen.set(id, fingerprint);
    }
  }
  return tally;
}

describe('the bundled CDRs', () => {
  const messages = demoMessages(NOW_MS);
  const tally = tallyOf(messages);

  test('are at least 2,400, of at least four switch formats beside our own', () => {
    const total = Object.values(tally.formats).reduce((sum, some) => sum + some, 0);
    expect(total).toBeGreaterThanOrEqual(2_400);
    expect(Object.keys(tally.formats).toSorted()).toEqual([
      'asterisk-csv',
      'asterisk-json',
      'canonical-json',
      'freeswitch-event',
      'freeswitch-json',
      'graph-pstn',
    ]);
  });

  test('hold what real traffic holds: most is debited, and every trap is there', () => {
    expect(tally.outcomes).toEqual({
      debit: 2415,
      emergency: 3,
      unanswered: 145,
      'b-leg': 65,
      'internal-leg': 24,
      duplicate: 46,
      conflict: 17,
      'too-old': 2,
      'no-rate': 10,
      'no-rate-in-currency': 5,
      'unknown-tenant': 10,
      'called-number-unusable': 3,
      'cdr-field-invalid': 3,
      'cdr-field-missing': 3,
      'cdr-malformed': 3,
      'cdr-not-text': 3,
      'cdr-unknown-format': 3,
    });
  });

  test('cost each tenant enough to be recharged, and no more than a few times', () => {
    expect(Object.keys(tally.debited).toSorted()).toEqual(
      demoTenants()
        .map(({ tenant }) => tenant)
        .toSorted(),
    );
    for (const micros of Object.values(tally.debited)) {
      expect(Number(decimalOf(micros))).toBeGreaterThan(60);
      expect(Number(decimalOf(micros))).toBeLessThan(250);
    }
  });

  test('are the same bytes for the same instant, and other instants for another', () => {
    const bytes = (nowMs: number): string =>
      demoMessages(nowMs)
        .map(({ key, value }) => key + value.toString('base64'))
        .join();
    expect(bytes(NOW_MS)).toBe(bytes(NOW_MS));
    expect(bytes(NOW_MS)).not.toBe(bytes(NOW_MS + DAY_MS));
    expect(messages.some(({ value }) => value.toString('latin1').includes('{{'))).toBe(false);
  });

  test('are what the script writes', () => {
    const folder = mkdtempSync(join(tmpdir(), 'tollkeeper-demo-'));
    const demo = fileURLToPath(new URL('../demo/', import.meta.url));
    try {
      cpSync(demo, folder, { recursive: true });
      rmSync(join(folder, 'cdrs.ndjson.gz'));
      execFileSync(process.execPath, [join(folder, 'make-cdrs.mjs')]);
      // Compression differs between versions of zlib; what is in it does not.
      const unzipped = (path: string): Buffer => gunzipSync(readFileSync(join(path, 'cdrs.ndjson.gz')));
      expect(unzipped(folder).equals(unzipped(demo))).toBe(true);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

test('the demo has three tenants in two currencies, with settings that can be read', () => {
  const tenants = demoTenants();
  expect(tenants.map(({ currency }) => currency)).toEqual(['EUR', 'EUR', 'USD']);
  for (const { autoRecharge, alertThreshold, currency, startCredit } of tenants) {
    expect(isCurrency(currency)).toBe(true);
    for (const amount of [autoRecharge.amount, autoRecharge.trigger, alertThreshold, startCredit])
      expect(parseMicros(amount)).toBeDefined();
  }
});
