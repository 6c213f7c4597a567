// A whole account told a second time, for tests of the ledger only: a command in, the refusal's code or the events it must answer with
// out. Naive on purpose: numbers of micro-units, sums made anew each time, not a line of the ledger's code. What each command does by
// itself stands in commands.reference.ts; here is what every command brings with it: what is due before, and what follows from it.

import { micros, monthOf, type Judged, type People, type Pool, type Timeline } from './call.reference.js';
import type { LedgerCommand } from './commands.js';

export type Of<Kind extends LedgerCommand['kind']> = Extract<LedgerCommand, { kind: Kind }>;
export type Grant = { micros: number; ms: number; granted: number; used: number; isFinal: boolean; until: number };
export type Hold = Grant & { print: string; status: string; judged: Judged; timeline: Timeline; at: number; rated: number };
export type Paid = { micros: number; payer: string; pool: Pool | null; ms: number; uses: [string, number][]; overdraft: number };
type Call = { print: string; deck: string; generation: number; at: number; paid: Paid };
type Recharge = { micros: number; isAuto: boolean; status: string; attempt: number; step: string; at: number; retry: number };
export type Lot = { id: string; left: number; expires: number; isWarned: boolean };

export const [HOUR, DAY] = [3_600_000, 86_400_000];
const TERMS = { lotTermMonths: 12, lotWarningDays: 30, quotaSeconds: 300, settleTimeoutSeconds: 86_400, licensing: 'off' };
const START = {
  revision: -1,
  last: 0,
  month: '',
  inMonth: 0,
  overdraft: 0,
  isSuspended: false,
  failures: 0,
  from: 0,
  terms: { ...TERMS, country: null as string | null, burstLimit: null as string | null },
  policy: null as Of<'set-auto-recharge'>['policy'],
  lots: [] as Lot[],
  holds: new Map<string, Hold>(),
  sessions: new Set<string>(),
  pools: new Map<Pool, number>(),
  calls: new Map<string, Call>(),
  recharges: new Map<string, Recharge>(),
  purchases: new Map<string, { micros: number; reference: string; refunded: number }>(),
  moves: new Map<string, string>(),
  people: { licences: [], policies: [] } as People,
  hours: new Map<number, { spent: number; isAlarmed: boolean }>(),
};
/** Two levels deep, which is as deep as anything is changed. */
function copyOf<Whole extends object>(whole: Whole): Whole {
  const flat = (part: unknown): unknown => (typeof part === 'object' && part !== null ? { ...part } : part);
  const copied = Object.entries(whole).map(([name, part]: [string, unknown]) => {
    if (part instanceof Map) return [name, new Map([...part].map(([key, value]: [unknown, unknown]) => [key, flat(value)]))];
    if (part instanceof Set) return [name, new Set(part)];
    return [name, Array.isArray(part) ? part.map(flat) : part];
  });
  return Object.fromEntries(copied) as Whole;
}

export const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0);

export abstract class AccountReference {
  s = copyOf(START);
  protected now = 0;
  private out: string[] = [];

  /** The code of a refusal, or undefined. */
  protected abstract decide(c: LedgerCommand): string | undefined;

  run(c: LedgerCommand): string | readonly string[] {
    const before = copyOf(this.s);
    [this.now, this.out] = [Math.max(c.nowMs, this.s.last), []];
    this.due(0);
    const dues = this.out.length;
    const code = this.decide(c);
    if (code === undefined && (this.out.length > dues || c.kind === 'expire-due')) {
      this.due(this.now);
      this.recharge();
      const { burstLimit } = this.s.terms;
      if (burstLimit !== null && this.hour.spent > micros(burstLimit)) this.alarm('spending', this.hour.spent);
      return this.out;
    }
    this.s = before;
    return code ?? [];
  }

  get balance(): number {
    return sum(this.s.lots.map(({ left }) => left)) - this.s.overdraft;
  }

  get available(): number {
    return this.balance - sum([...this.s.holds.values()].map((hold) => hold.micros));
  }

  protected get hour(): { spent: number; isAlarmed: boolean } {
    const start = Math.floor(this.now / HOUR);
    if (!this.s.hours.has(start)) this.s.hours.set(start, { spent: 0, isAlarmed: false });
    return this.s.hours.get(start)!;
  }

  protected tell(...words: readonly (string | number | boolean | null)[]): undefined {
    const { s, now } = this;
    const isClosing = words[0] === 'PeriodClosed';
    s.inMonth = isClosing ? 0 : (s.month === monthOf(now) ? s.inMonth : 0) + 1;
    [s.month, s.last, s.revision] = [monthOf(now), now, s.revision + 1];
    this.out.push(words.join(' '));
  }

  private due(freedAt: number): void {
    const { s, now } = this;
    if (s.inMonth > 0 && s.month < monthOf(now)) this.tell('PeriodClosed');
    for (const [id, { status, until }] of s.holds) if (status === 'lapsed' && until <= now) s.holds.delete(id);
    for (let freed = freedAt; ;) {
      const over = [...s.holds].filter(([, { status, until }]) => status !== 'lapsed' && until <= now);
      const [id, hold] = over.toSorted(([, a], [, b]) => a.until - b.until)[0] ?? [];
      let held = this.balance - this.available;
      const gone = s.lots.flatMap((lot) => {
        const free = Math.max(0, lot.left - held);
        held -= lot.left - free;
        return lot.expires <= now && free > 0 ? [{ lot, free }] : [];
      })[0];
      if (id !== undefined && hold !== undefined && !(gone && gone.lot.expires < hold.until)) {
        this.tell('ReservationExpired', hold.micros, hold.ms, hold.until);
        freed = Math.max(freed, hold.until);
        if (hold.status === 'terminated') s.holds.delete(id);
        else Object.assign(hold, { status: 'lapsed', micros: 0, ms: 0, until: now + s.terms.settleTimeoutSeconds * 1000 });
      } else if (gone !== undefined) {
        gone.lot.left -= gone.free;
        this.tell('LotExpired', gone.free, Math.max(gone.lot.expires, freed));
      } else break;
    }
    for (const lot of s.lots) {
      if (lot.isWarned || lot.left === 0 || lot.expires <= now || lot.expires - s.terms.lotWarningDays * DAY > now) continue;
      lot.isWarned = true;
      this.tell('LotExpiryWarned', lot.left);
    }
  }

  private recharge(): void {
    const { s, now, available } = this;
    const all = [...s.recharges.values()];
    const isHeldBack = s.policy === null || s.isSuspended || now < s.from || all.some(({ status }) => status === 'open');
    if (isHeldBack || s.policy === null || available >= Number(s.policy.triggerMicros)) return;
    const { amountMicros, targetMicros = null, maxPerHourMicros = null, maxPerMonthMicros = null } = s.policy;
    const missing = targetMicros === null ? 0 : Math.ceil((Number(targetMicros) - available) / 10_000) * 10_000;
    const asked = (since: (at: number) => boolean): number =>
      sum(all.flatMap((one) => (one.isAuto && one.status !== 'failed' && since(one.at) ? [one.micros] : [])));
    const caps = [
      { asked: asked((at) => at > now - HOUR), most: maxPerHourMicros },
      { asked: asked((at) => monthOf(at) === monthOf(now)), most: maxPerMonthMicros },
    ].flatMap((cap) => (cap.most === null ? [] : [{ asked: cap.asked, left: Number(cap.most) - cap.asked }]));
    const least = Math.min(...caps.map(({ left }) => left));
    const amount = Math.min(Math.max(Number(amountMicros), missing), Math.floor(least / 10_000) * 10_000);
    const tight = caps.find(({ left }) => left === least);
    if (tight !== undefined && amount < Number(amountMicros))
      return this.alarm('recharge-cap', tight.asked + Number(amountMicros));
    this.request(`acme.${s.revision + 1}`, amount, true);
  }

  protected request(id: string, amount: number, isAuto: boolean): undefined {
    const fresh = { micros: amount, isAuto, status: 'open', attempt: 0, step: 'none', at: this.now, retry: 0 };
    this.s.recharges.set(id, fresh);
    this.tell('RechargeRequested', amount, isAuto);
  }

  private alarm(cause: string, amount: number): undefined {
    if (this.hour.isAlarmed) return;
    this.hour.isAlarmed = true;
    this.tell('BurstDetected', cause, amount);
  }

  protected readonly isOpen = ({ expires }: Lot): boolean => expires > this.now;

  protected opened(id: string, left: number): Lot {
    const [start, { lots, terms }] = [new Date(this.now), this.s];
    const [year, month] = [start.getUTCFullYear(), start.getUTCMonth() + terms.lotTermMonths];
    const day = Math.min(start.getUTCDate(), new Date(Date.UTC(year, month + 1, 0)).getUTCDate());
    const lot = { id, left, expires: Date.UTC(year, month, day) + (this.now % DAY), isWarned: false };
    lots.splice(lots.filter(({ expires }) => expires <= lot.expires).length, 0, lot);
    return lot;
  }

  protected credited(id: string, amount: number): void {
    const repaid = Math.min(amount, this.s.overdraft);
    this.s.overdraft -= repaid;
    if (amount > repaid) this.opened(id, amount - repaid);
  }

  /** From those of the first group, then the second, then all others; each in order of expiry. */
  protected draw(amount: number, groups: readonly ((lot: Lot) => boolean)[]): Pick<Paid, 'uses' | 'overdraft'> {
    const uses: [string, number][] = [];
    let owed = amount;
    for (const isIn of [...groups, () => true])
      for (const lot of this.s.lots.filter(isIn)) {
        const used = Math.min(owed, lot.left);
        if (used > 0) uses.push([lot.id, used]);
        [lot.left, owed] = [lot.left - used, owed - used];
      }
    this.s.overdraft += owed;
    return { uses, overdraft: owed };
  }
}
