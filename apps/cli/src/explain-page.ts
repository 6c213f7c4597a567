// `tollkeeper explain` for people: an explanation in, one page of text out, from raw bytes to money in the order in which it happened.

import type { Explanation } from '@tollkeeper/audit';
import { tableOf } from './output.js';

/** A message may hold a megabyte of other CDRs; --json has it whole. */
const MAX_RAW_CHARS = 2_000;

export function explanationPage(explanation: Explanation): string {
  const { summary, fields, tenant, tenantRule, faults } = explanation;
  const parts = [
    summary.join('\n'),
    part('As it came in', rawLines(explanation)),
    part('As it was read', fieldLines(fields)),
    part('Whose call', [`tenant ${tenant}, by the rule ${tenantRule}`]),
    part('Tariff', deckLines(explanation)),
    part('Price', pricingLines(explanation)),
    part('Who paid', payerLines(explanation)),
    part('The sum, redone', sumLines(explanation)),
    part('In the ledger', ledgerLines(explanation)),
    part('WHAT DOES NOT AGREE', faults),
  ];
  return parts.filter((text) => text !== '').join('\n\n');
}

function part(title: string, lines: readonly string[]): string {
  return lines.length === 0
    ? ''
    : [title, ...lines.flatMap((text) => text.split('\n')).map((line) => `  ${line}`.trimEnd())].join('\n');
}

function fieldLines(fields: Explanation['fields']): readonly string[] {
  const width = Math.max(...fields.map(({ name }) => name.length));
  return fields.map(({ name, value }) => `${name.padEnd(width)}  ${value}`);
}

function rawLines({ raw, source }: Explanation): readonly string[] {
  const { origin, sha256, text, matches } = raw;
  const place =
    origin.kind === 'bus'
      ? `topic ${origin.topic}, partition ${origin.partition}, offset ${origin.offset}`
      : origin.kind === 'file'
        ? `file ${origin.name}, record ${origin.record}`
        : `HTTP request ${origin.requestId}, record ${origin.record}`;
  const kept =
    matches === null
      ? 'the bytes are not kept there'
      : matches
        ? 'the bytes are kept, and they are these'
        : 'OTHER BYTES STAND THERE NOW';
  const shown =
    text !== null && text.length > MAX_RAW_CHARS ? `${text.slice(0, MAX_RAW_CHARS)} … (${text.length} characters)` : text;
  return [`source ${source}; ${place}`, `SHA-256 ${sha256}; ${kept}`, ...(shown === null ? [] : [shown])];
}

function deckLines({ deck, pricing }: Explanation): readonly string[] {
  if (deck === null) return pricing === null ? [] : ['no rate deck: the call is free by its nature'];
  const { hash, plan, header, row, activeFrom } = deck;
  const active = activeFrom === null ? 'another version was active at answer' : `active from ${activeFrom} on`;
  const rows =
    row.length === 0
      ? ['none of its rows']
      : [`row ${row.map((each) => each.row).join(', ')}:`, header, ...row.map((each) => each.csv)];
  return [`plan ${plan}, deck ${hash}`, active, ...rows];
}

function pricingLines({ pricing }: Explanation): readonly string[] {
  if (pricing === null) return [];
  const { category, destination, prefix, currency, billedUsageSeconds, segments, connectFee, gross, maxCost } = pricing;
  const rows = segments.map(({ fromSecond, seconds, incrementSeconds, rate, rateUnitSeconds, row, amount, sum }) => [
    `${fromSecond} s`,
    `${seconds} s`,
    `${incrementSeconds} s`,
    `${rate} for ${rateUnitSeconds} s`,
    `row ${row}`,
    `${sum} = ${amount}`,
  ]);
  return [
    `${destination}, prefix ${prefix || 'none'}, category ${category}; billed ${billedUsageSeconds} s`,
    ...(rows.length === 0 ? [] : [tableOf(['from', 'billed', 'in steps of', 'rate', 'deck', 'sum'], rows)]),
    `connect fee ${connectFee}; together ${gross}`,
    ...(maxCost === null ? [] : [`at most ${maxCost.amount} (${maxCost.strategy})`]),
    `rounded ${pricing.rounding} to ${pricing.decimals} decimals: ${pricing.amount} ${currency}`,
  ];
}

function payerLines({ coverage, lots, overdraft }: Explanation): readonly string[] {
  if (coverage === null) return [];
  const { kind, pool, rest, unauthorised } = coverage;
  const minutes =
    pool === null
      ? []
      : [
          `pool ${pool.pool}, ${pool.month}, ${pool.meter}: ${pool.usedMs / 1000} s used, ${pool.remainingMs / 1000} s of ${pool.capMs / 1000} s left`,
        ];
  return [
    `covered by ${kind}${unauthorised === null ? '' : `, unauthorised: ${unauthorised}`}`,
    ...minutes,
    ...(rest === null
      ? []
      : [`the rest from second ${rest.fromSecond}: ${rest.billedUsageSeconds} s, ${rest.gross}, rounded ${rest.amount}`]),
    ...lots.map(({ lotId, amount }) => `lot ${lotId}: ${amount}`),
    ...(overdraft === '0' ? [] : [`overdraft: ${overdraft}`]),
  ];
}

function sumLines({ sum, pricing }: Explanation): readonly string[] {
  if (sum === null) return [];
  const { lines, redone, recorded, agrees } = sum;
  const verdict = agrees ? 'they agree' : 'THEY DO NOT AGREE';
  return [...lines, `redone ${redone} ${pricing?.currency ?? ''}, recorded ${recorded} ${pricing?.currency ?? ''}: ${verdict}`];
}

function ledgerLines({ revision, eventId, hash, previousHash, recordedAt, posting, ...rest }: Explanation): readonly string[] {
  const { tenant, answeredAt, balanceBefore, balanceAfter, availableAfter, history } = rest;
  const past = history.map((event) => [event.revision, event.type, event.generation, event.amount, event.recordedAt]);
  return [
    `stream credit-${tenant}, revision ${revision}, event ${eventId}`,
    `counts at ${answeredAt}, recorded at ${recordedAt}`,
    posting === null ? 'no posting: nothing moved' : `Dr ${posting.debit} / Cr ${posting.credit} ${posting.amount}`,
    `balance ${balanceBefore} before, ${balanceAfter} after, of it ${availableAfter} available`,
    `hash ${hash}`,
    `after ${previousHash}`,
    tableOf(['revision', 'event', 'generation', 'amount', 'recorded'], past),
  ];
}
