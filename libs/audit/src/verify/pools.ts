// Proof of who paid: the events of a tenant's stream come in; whether each call was charged by the tenant's plan, whether what it used
// or holds of included minutes was there, and whether it was free only where a call may be, as known when it was recorded, goes out.
//
// What cannot be judged from the stream is left out, since caller and called number are sealed: whether the user who called is the one
// who held the licence (that somebody of the tenant did is checked), whether minutes or an add-on should have paid what the credit paid,
// whether a call was domestic, and whether the pool paid for as many increments as it could. Nor is the deck: a version that was
// activated late prices calls answered before. Minutes of a licence are those of this version of the program.

import { hash } from 'node:crypto';
import { Line } from './findings.js';
import type { SeenEvent } from './ledger-pages.js';
import { capOf, PoolBooks, type Held, type Part } from './pool-books.js';
import { Roster } from './roster.js';
import { SeenKeys } from './seen-keys.js';

type Facts = Readonly<Record<string, unknown>>;
type Session = { readonly coverage: unknown; readonly part: Part | null; readonly atMs: number };
type Reversal = { readonly revision: number; readonly coverage: string | undefined; readonly part: Part | null };

class Tenant {
  /** By the instant from which each holds. */
  readonly plans = new Map<number, string>();
  readonly roster = new Roster();
  readonly books = new PoolBooks();
  readonly sessions = new Map<string, Session>();
  reversal: Reversal | undefined;

  planAt(atMs: number): string {
    const fromMs = Math.max(...[...this.plans.keys()].filter((from) => from <= atMs));
    return this.plans.get(fromMs) ?? '';
  }
}

const CONFERENCE_CATEGORIES = ['conference-dial-out', 'call-me'];
/** Whoever holds it calls from conferences without limit. */
const UNLIMITED_ADD_ON = 'extended-dial-out';
const PAID_OTHERWISE = ['emergency', 'unlimited', 'pool'];

export class PoolsCheck {
  readonly line = new Line(
    'pools',
    'See tollkeeper explain CDR-ID, or tollkeeper replay around the revision; put money right with tollkeeper adjust.',
  );
  readonly #tenants = new Map<string, Tenant>();
  /** By stream and revision of a debit that not the credit alone has paid: a digest of who did. */
  readonly #paid = new SeenKeys();

  see(event: SeenEvent): void {
    const { stream, revision, type } = event.stored;
    let tenant = this.#tenants.get(stream);
    if (tenant === undefined) this.#tenants.set(stream, (tenant = new Tenant()));
    const data = event.data as Facts;
    try {
      if (isOfCall(type)) this.line.checked += 1;
      const faults = this.#faultsOf(tenant, event, data);
      if (faults.length > 0) this.line.differs({ stream, revision }, faults.join('; '));
    } catch {
      // What cannot be understood is told by the balances.
    }
  }

  #faultsOf(tenant: Tenant, { stored: { stream, revision, type } }: SeenEvent, data: Facts): readonly string[] {
    switch (type) {
      case 'AccountOpened.v1':
        tenant.plans.set(-Infinity, String(data['plan']));
        return [];
      case 'PlanChanged.v1':
        tenant.plans.set(instantIn(data, 'from'), String(data['plan']));
        return [];
      case 'LicencesAssigned.v1': {
        const { user, country, licences } = data as { user: string; country: string; licences: readonly string[] };
        tenant.roster.assign(user, { fromMs: instantIn(data, 'from'), country, licences });
        return [];
      }
      case 'ReservationMade.v1':
        return made(tenant, data);
      case 'ReservationExtended.v1':
      case 'ReservationTerminated.v1':
        return heldOn(tenant, type, data);
      case 'ReservationExpired.v1':
        return released(tenant, data['sessionId'], data['releases']).faults;
      case 'CallReversed.v1':
        return this.#reversed(tenant, stream, revision, data);
      case 'CallDebited.v1': {
        const faults = debited(tenant, revision, data);
        const coverage = coverageIn(data);
        if (coverage !== 'credit') this.#paid.set(`${stream} ${revision}`, digestOf(coverage, partIn(data['pool'], 'usedMs')));
        return faults;
      }
      default:
        return [];
    }
  }

  #reversed(tenant: Tenant, stream: string, revision: number, data: Facts): readonly string[] {
    const part = partIn(data['pool'], 'usedMs');
    const paid = this.#paid.get(`${stream} ${String(data['reversedRevision'])}`);
    const coverage = paid === undefined ? 'credit' : PAID_OTHERWISE.find((kind) => digestOf(kind, part) === paid);
    const faults: string[] = [];
    if (coverage === undefined || (coverage === 'credit' && part !== null))
      faults.push(`it gives back ${told(part)}, which is not what revision ${String(data['reversedRevision'])} had used`);
    if (part !== null && tenant.books.use({ ...part, ms: -part.ms }) < 0) {
      faults.push(`more of ${part.pool} is given back for ${part.month} than was used`);
      tenant.books.use(part);
    }
    tenant.reversal = { revision, coverage, part };
    return faults;
  }
}

function isOfCall(type: string): boolean {
  return type.startsWith('Reservation') || type === 'CallDebited.v1' || type === 'CallReversed.v1';
}

function made(tenant: Tenant, data: Facts): readonly string[] {
  const atMs = instantIn(data, 'presumedAnswer');
  const [coverage, part] = [coverageIn(data), partIn(data['pool'], 'heldMs')];
  const judged = { coverage, part, category: data['category'], plan: data['plan'], atMs };
  const faults = [...judgedFaults(tenant, judged, true), ...holdFaults(tenant, part, atMs, null)];
  tenant.books.hold(part);
  tenant.sessions.set(String(data['sessionId']), { coverage, part, atMs });
  return faults;
}

/** The hold after it. Who pays is as it was when the call began. */
function heldOn(tenant: Tenant, type: string, data: Facts): readonly string[] {
  const sessionId = String(data['sessionId']);
  const before = tenant.sessions.get(sessionId);
  const part = partIn(data['pool'], 'heldMs');
  if (before === undefined) return [`session ${sessionId} was never authorised`];
  const faults = [...holdFaults(tenant, part, before.atMs, before.part)];
  if (type === 'ReservationExtended.v1' && data['coverage'] !== before.coverage)
    faults.push(`${String(data['coverage'])} pays, and ${String(before.coverage)} did when the call began`);
  if (part !== null && before.part === null) faults.push(`it holds ${told(part)}, and nothing was held of a pool`);
  if (type === 'ReservationTerminated.v1' && (part?.ms ?? 0) > (before.part?.ms ?? 0))
    faults.push(`it holds ${told(part)}, which is more than before`);
  tenant.books.free(before.part);
  tenant.books.hold(part);
  tenant.sessions.set(sessionId, { ...before, part });
  return faults;
}

function holdFaults(tenant: Tenant, part: Part | null, atMs: number, own: Part | null): readonly string[] {
  if (part === null) return [];
  const leftMs = tenant.books.leftOf(part, tenant.roster.heldAt(atMs), own);
  return part.ms >= 0 && part.ms <= leftMs ? monthFaults(part, atMs) : [`it holds ${told(part)}, and ${leftMs} ms are left`];
}

function released(tenant: Tenant, sessionId: unknown, releases: unknown): { faults: readonly string[]; part: Part | null } {
  const part = tenant.sessions.get(String(sessionId))?.part ?? null;
  const freed = partIn((releases as Facts)['pool'], 'heldMs');
  tenant.books.free(part);
  tenant.sessions.delete(String(sessionId));
  const isSame = told(freed) === told(part);
  return { faults: isSame ? [] : [`session ${String(sessionId)} held ${told(part)}, and ${told(freed)} is released`], part };
}

function debited(tenant: Tenant, revision: number, data: Facts): readonly string[] {
  const [charge, releases, atMs] = [data['charge'] as Facts, data['releases'] ?? null, instantIn(data, 'effectiveAt')];
  const [coverage, part] = [coverageIn(data), partIn(data['pool'], 'usedMs')];
  const reversal = tenant.reversal?.revision === revision - 1 && data['replaces'] !== null ? tenant.reversal : undefined;
  const judged = { coverage, part, category: charge['category'], plan: charge['plan'], atMs };
  const faults = [...judgedFaults(tenant, judged, reversal === undefined)];
  if (reversal?.coverage !== undefined) faults.push(...replacementFaults(coverage, part, reversal));
  // What the replaced debit had used counts as its own, and what the call's reservation holds.
  const sessionId = String((data['cdr'] as Facts)['sessionId']);
  const own = reversal?.part ?? (releases === null ? null : (tenant.sessions.get(sessionId)?.part ?? null));
  if (reversal?.part) tenant.books.use(reversal.part);
  const licences = tenant.roster.heldAt(atMs);
  const pool = data['pool'] as Facts | null;
  const leftMs = part === null ? 0 : tenant.books.leftOf(part, licences, own, Number(pool?.['capMs']));
  if (reversal?.part) tenant.books.use({ ...reversal.part, ms: -reversal.part.ms });
  if (releases !== null) faults.push(...released(tenant, sessionId, releases).faults);
  if (part === null) return faults;
  const remainingMs = Number(pool?.['remainingMs']);
  faults.push(...monthFaults(part, atMs), ...poolFaults(part, Number(pool?.['capMs']), licences));
  if (part.ms <= 0 || remainingMs < 0 || remainingMs !== leftMs - part.ms)
    faults.push(`it used ${told(part)}, of which ${leftMs} ms were left, and ${remainingMs} ms remain`);
  // What is told goes on from there, so that it is told once.
  tenant.books.use({ ...part, ms: leftMs - remainingMs });
  return faults;
}

type Judged = {
  readonly coverage: string;
  readonly part: Part | null;
  readonly category: unknown;
  readonly plan: unknown;
  readonly atMs: number;
};

/** @param isFirst nothing was judged before; a rerated call is paid by whoever paid it at first. */
function judgedFaults(tenant: Tenant, { coverage, part, category, plan, atMs }: Judged, isFirst: boolean): readonly string[] {
  const faults: string[] = [];
  const ofTenant = tenant.planAt(atMs);
  if (plan !== ofTenant) faults.push(`it is charged by plan ${String(plan)}, and the tenant's was ${ofTenant} at its answer`);
  if (part !== null && coverage !== 'pool') faults.push(`it uses ${told(part)}, and ${coverage} pays`);
  if (coverage === 'emergency' && category !== 'emergency')
    faults.push(`it is free as an emergency call, and is ${String(category)}`);
  if (coverage !== 'unlimited') return faults;
  if (!CONFERENCE_CATEGORIES.includes(String(category)))
    faults.push(`it is free by an add-on for conferences, and is ${String(category)}`);
  if (isFirst && !tenant.roster.heldAt(atMs).has(UNLIMITED_ADD_ON))
    faults.push(`it is free by ${UNLIMITED_ADD_ON}, which nobody of the tenant held at its answer`);
  return faults;
}

function replacementFaults(coverage: string, part: Part | null, reversal: Reversal): readonly string[] {
  const before = reversal.coverage;
  // What a pool cannot pay any more falls to the credit.
  if (coverage !== before && !(coverage === 'credit' && before === 'pool'))
    return [`${coverage} pays, and ${String(before)} had paid the debit that it replaces`];
  const isSamePool = part === null || (part.pool === reversal.part?.pool && part.meter === reversal.part.meter);
  return isSamePool ? [] : [`it uses ${told(part)}, and the debit that it replaces had used ${told(reversal.part)}`];
}

function monthFaults(part: Part, atMs: number): readonly string[] {
  const month = new Date(atMs).toISOString().slice(0, 'YYYY-MM'.length);
  return part.month === month ? [] : [`it counts in ${part.month}, and was answered in ${month}`];
}

function poolFaults(part: Part, capMs: number, licences: Held): readonly string[] {
  const capMsOfLicences = capOf(part, licences);
  if (capMsOfLicences === undefined) return [`${part.pool} has no ${part.meter} minutes`];
  return capMs === capMsOfLicences ? [] : [`the cap is ${capMs} ms, and the licences of the time give ${capMsOfLicences}`];
}

/** Absent in events written before there was anything but the credit. */
function coverageIn(data: Facts): string {
  return String(data['coverage'] ?? 'credit');
}

function partIn(of: unknown, field: 'usedMs' | 'heldMs'): Part | null {
  if (of === null || of === undefined) return null;
  const { pool, month, meter, [field]: ms } = of as Facts;
  return { pool: String(pool), month: String(month), meter: String(meter), ms: Number(ms) };
}

function told(part: Part | null): string {
  return part === null ? 'nothing of a pool' : `${part.ms} ms of ${part.pool} ${part.meter} ${part.month}`;
}

function digestOf(coverage: string, part: Part | null): number {
  return hash('sha256', `${coverage} ${told(part)}`, 'buffer').readUInt32LE(0);
}

/** @throws Error that names the field. */
function instantIn(data: Facts, field: string): number {
  const ms = Date.parse(String(data[field]));
  if (Number.isNaN(ms)) throw new Error(`${field} is ${JSON.stringify(data[field])}, which is no instant`);
  return ms;
}
