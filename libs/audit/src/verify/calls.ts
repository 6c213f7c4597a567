// Proof that no call is debited twice: the events of the tenants' streams come in; each generation of a call record may stand once
// within the account's intake window, and one after the first only right behind the reversal of the one before it.
//
// A record is known by source, id and generation, as the ledger knows it, whatever its answer time says. The ledger remembers whole
// days, by when they were recorded, until the floor of the window has passed them; an id that comes later is a switch that counts
// anew, and is legitimate when its call was answered above that floor. What the ledger may have remembered for longer is not told.

import { MAX_AHEAD_MS } from '@tollkeeper/ledger';
import { Line } from './findings.js';
import type { SeenEvent } from './ledger-pages.js';
import { SeenKeys } from './seen-keys.js';

type Cdr = { readonly source: string; readonly id: string; readonly generation: number };
type Reversal = { readonly revision: number; readonly key: string; readonly reversedRevision: unknown };
type Tenant = {
  intakeWindowMs: number;
  /** Of the last event before this one: by then the floor had moved for certain. */
  recordedAt: string;
  /** The last reversal, which only the event right behind it may replace. */
  reversal: Reversal | undefined;
};

const RECORDED = new Set(['CallDebited.v1', 'CallNotBillable.v1']);
const MS_PER_DAY = 86_400_000;

export class CallsCheck {
  readonly line = new Line(
    'calls',
    'Compare both revisions with tollkeeper explain CDR-ID; give back with tollkeeper adjust what was taken twice.',
  );
  readonly #tenants = new Map<string, Tenant>();
  /** With the day on which each was recorded. */
  readonly #seen = new SeenKeys();

  see(event: SeenEvent): void {
    const { stream, type } = event.stored;
    let tenant = this.#tenants.get(stream);
    if (tenant === undefined) this.#tenants.set(stream, (tenant = { intakeWindowMs: 0, recordedAt: '', reversal: undefined }));
    if (type === 'AccountOpened.v1') tenant.intakeWindowMs = Number(event.data['intakeWindowDays']) * MS_PER_DAY;
    if (type === 'CallReversed.v1') this.#reversed(tenant, event);
    if (RECORDED.has(type)) this.#recorded(tenant, event);
    const recordedAt = String(event.data['recordedAt']);
    if (recordedAt > tenant.recordedAt) tenant.recordedAt = recordedAt;
  }

  #reversed(tenant: Tenant, { stored: { stream, revision }, data }: SeenEvent): void {
    const { source, id, generation } = (data['cdr'] ?? {}) as Cdr;
    const { reversedRevision } = data as { readonly reversedRevision?: unknown };
    tenant.reversal = { revision, key: keyOf(stream, source, id, generation + 1), reversedRevision };
    const ofRevision = `reversed ${stream} ${String(reversedRevision)}`;
    const isRepeated =
      this.#isKnown(tenant, `reversed ${keyOf(stream, source, id, generation)}`, data) ||
      this.#seen.get(ofRevision) !== undefined;
    this.#seen.set(ofRevision, 0);
    if (isRepeated) this.line.differs({ stream, revision }, `CDR ${id} is turned round once more`);
  }

  #recorded(tenant: Tenant, { stored: { stream, revision }, data }: SeenEvent): void {
    const { source, id, generation } = (data['cdr'] ?? {}) as Cdr;
    const [place, key] = [{ stream, revision }, keyOf(stream, source, id, generation)];
    this.line.checked += 1;
    const stoodBefore = this.#seen.get(key) !== undefined;
    const isKnown = this.#isKnown(tenant, key, data);
    // A rerated debit is addressed by its revision, whenever it was answered.
    const isTooOld = generation === 0 && Date.parse(String(data['effectiveAt'])) < floorMs(tenant);
    if (stoodBefore && (isKnown || isTooOld)) this.line.differs(place, `CDR ${id} of ${source} stands in the ledger already`);
    if (generation === 0) return;
    const { reversal } = tenant;
    const replaces = reversal?.revision === revision - 1 && reversal.key === key ? reversal.reversedRevision : null;
    if (replaces === null || replaces !== data['replaces']) {
      this.line.differs(
        place,
        `CDR ${id}, generation ${generation}: the debit that it replaces was not turned round right before it`,
      );
    }
  }

  /** Whether the ledger knew it for certain when this event was recorded; it is remembered with its own day from now on. */
  #isKnown(tenant: Tenant, key: string, data: SeenEvent['data']): boolean {
    const day = this.#seen.get(key);
    this.#seen.set(key, Math.floor(Date.parse(String(data['recordedAt'])) / MS_PER_DAY));
    return day !== undefined && (day + 1) * MS_PER_DAY + MAX_AHEAD_MS > floorMs(tenant);
  }
}

function keyOf(stream: string, source: string, id: string, generation: number): string {
  return JSON.stringify([stream, source, id, generation]);
}

/** No call answered before it was taken any more. */
function floorMs({ recordedAt, intakeWindowMs }: Tenant): number {
  return Date.parse(recordedAt) - intakeWindowMs;
}
