// Before the path, in the demo only: the bundled files of `demo/` in, tenants, sources, deck and CDR messages out.
// The messages' instants are offsets; an instant given by the caller, and kept by it, makes them the last ten days before it.

import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { compileIntake, isDeckRejection, parseDeck, parseSources, type Deck, type Intake } from '@tollkeeper/rating';

export type DemoMessage = {
  readonly topic: string;
  readonly key: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly value: Buffer;
};

export type DemoTenant = {
  readonly tenant: string;
  readonly name: string;
  readonly currency: string;
  readonly plan: string;
  /** Amounts as decimal text. */
  readonly startCredit: string;
  readonly alertThreshold: string;
  readonly autoRecharge: { readonly trigger: string; readonly amount: string };
};

/** What `make-cdrs.mjs` spreads its calls over. */
export const DEMO_WINDOW_MS = 10 * 86_400_000;

/**
 * Every message of the bundled file, in the order it is to be published in, with its last call ending before `nowMs`. The
 * same instant gives the same bytes, so a start that was cut short can publish the rest and repeat what it likes.
 */
export function demoMessages(nowMs: number): readonly DemoMessage[] {
  // Some formats carry whole seconds: a first instant within a second would move calls against each other.
  const firstMs = Math.floor((nowMs - DEMO_WINDOW_MS) / 1000) * 1000;
  const lines = gunzipSync(bundled('cdrs.ndjson.gz')).toString('utf8').trimEnd().split('\n');
  return lines.map((line) => {
    const { topic, key, headers, value, base64 } = JSON.parse(line) as BundledLine;
    const bytes = base64 === undefined ? Buffer.from(withInstants(value ?? '', firstMs)) : Buffer.from(base64, 'base64');
    return { topic, key, headers, value: bytes };
  });
}

/** Whom the demo opens accounts for. */
export function demoTenants(): readonly DemoTenant[] {
  return JSON.parse(bundled('tenants.json').toString('utf8')) as readonly DemoTenant[];
}

/** The demo's switches, and what names their tenants. */
export function demoIntake(): Intake {
  const parsed = parseSources(JSON.parse(bundled('sources.json').toString('utf8')));
  const compiled = 'faults' in parsed ? parsed : compileIntake(parsed.sources);
  if ('faults' in compiled) throw new Error(`demo/sources.json: ${JSON.stringify(compiled.faults)}`);
  return compiled.intake;
}

export function demoDeck(): Deck {
  const deck = parseDeck(bundled('rates.csv').toString('utf8'));
  if (isDeckRejection(deck)) throw new Error(`demo/rates.csv: ${deck.reason}`);
  return deck;
}

/** `value` is text with open instants, `base64` bytes that are no text. */
type BundledLine = Omit<DemoMessage, 'value'> & { readonly value?: string; readonly base64?: string };

function bundled(file: string): Buffer {
  return readFileSync(new URL(`../demo/${file}`, import.meta.url));
}

const BRASILIA_MS = -3 * 3_600_000;

/** How the switches write an instant. */
const SPELLINGS: Readonly<Record<string, (atMs: number) => string>> = {
  iso: (atMs) => new Date(atMs).toISOString(),
  us: (atMs) => `${atMs}000`,
  s: (atMs) => String(Math.floor(atMs / 1000)),
  wall: (atMs) => new Date(atMs).toISOString().slice(0, 19).replace('T', ' '),
  brt: (atMs) => `${new Date(atMs + BRASILIA_MS).toISOString().slice(0, 19)}-0300`,
};

/** `{{iso:5000}}` is the instant 5 s after the first. */
function withInstants(text: string, firstMs: number): string {
  return text.replaceAll(/\{\{(\w+):(-?\d+)\}\}/g, (open, spelling: string, offsetMs: string) => {
    const spell = SPELLINGS[spelling];
    if (spell === undefined)
      throw new Error(`cdrs.ndjson.gz holds ${open}; expected one of ${Object.keys(SPELLINGS).join(', ')}`);
    return spell(firstMs + Number(offsetMs));
  });
}
