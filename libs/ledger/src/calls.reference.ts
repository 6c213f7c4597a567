// Calls and reservations of the ledger told a second time, for tests only: a call's command in, what it holds, draws or is refused with
// out, on the account of account.reference.ts.

import { AccountReference, DAY, sum, type Grant, type Hold, type Lot, type Of, type Paid } from './account.reference.js';
import {
  capsOf,
  costOf,
  feeFrom,
  judged,
  micros,
  rounded,
  stepFrom,
  type Judged,
  type Pool,
  type Timeline,
} from './call.reference.js';

type Outcome = string | undefined;
type Owned = { readonly pool: Pool | null; readonly ms: number };
type Asked = Pick<Hold, 'judged' | 'timeline' | 'at' | 'used'> & { readonly wanted: number; readonly rated: number };
const NOTHING: Paid = { micros: 0, payer: 'credit', pool: null, ms: 0, uses: [], overdraft: 0 };

export abstract class CallsReference extends AccountReference {
  protected record(c: Of<'debit-call'> | Of<'record-call-not-billable'>): Outcome {
    const { s, now } = this;
    const { id, fingerprint, answerTime, setupTime, sessionId } = c.cdr;
    const at = Date.parse(answerTime ?? setupTime ?? '');
    const known = s.calls.get(id);
    if (known !== undefined) return known.print === fingerprint ? undefined : 'cdr-exists-with-different-content';
    if (at > now + 300_000) return 'cdr-in-future';
    if (at < now - 35 * DAY) return 'cdr-too-old';
    const call = { print: fingerprint, deck: '', generation: 0, at, paid: NOTHING };
    s.calls.set(id, call);
    if (c.kind === 'record-call-not-billable') return this.tell('CallNotBillable');
    const hold = s.holds.get(sessionId ?? '');
    s.holds.delete(sessionId ?? '');
    const judge = judged({ ...c.traits!, category: c.charge.category, at }, s.people, s.terms);
    const paid = this.payment(c.charge, judge, at, { pool: hold?.judged.pool ?? null, ms: hold?.ms ?? 0 });
    const mark = hold === undefined ? this.markOf(judge, c.charge, paid) : '';
    const isHeld = hold !== undefined && hold.status !== 'lapsed';
    s.calls.set(id, { ...call, deck: c.charge.deckHash, paid: this.pay(paid, isHeld ? [] : [this.isOpen]) });
    this.hour.spent += paid.micros;
    return this.tell('CallDebited', paid.micros, paid.payer, paid.ms, mark);
  }

  /** The code that an authorisation would have been refused with. */
  private markOf(judge: Judged, { timeline, usageMs }: Of<'debit-call'>['charge'], { payer, micros: amount }: Paid): string {
    if (judge.refusal !== null) return judge.refusal;
    if (payer !== 'credit') return '';
    if (judge.creditRefusal !== null) return judge.creditRefusal;
    if (judge.needsCredit && this.available <= 0) return 'NO_CREDIT';
    if (usageMs === 0 || amount === 0) return '';
    return this.canPay(timeline, feeFrom(timeline, 0) + stepFrom(timeline, 0).price60, this.available) ? '' : 'NO_CREDIT';
  }

  private canPay(timeline: Timeline, gross60: number, credit: number): boolean {
    const { maxCost } = timeline;
    const isCut = maxCost?.strategy === 'disconnect' && gross60 > micros(maxCost.amount) * 60;
    return !isCut && rounded(timeline, gross60) <= Math.max(0, credit);
  }

  private leftOf(pool: Pool, at: number, own: Owned): number {
    const [name = '', month, meter = ''] = pool.split('|');
    const caps = capsOf(name, this.s.people, at);
    const usedOn = (other: string): number => this.s.pools.get(`${name}|${month}|${other}`) ?? 0;
    const mine = own.pool === pool ? own.ms : 0;
    if (Object.entries(caps).some(([other, cap]) => usedOn(other) >= cap)) return mine;
    const held = sum([...this.s.holds.values()].map((hold) => (hold.judged.pool === pool ? hold.ms : 0)));
    return Math.max(mine, (caps[meter] ?? 0) - usedOn(meter) - held);
  }

  private payment({ timeline, usageMs }: Of<'debit-call'>['charge'], { payer, pool }: Judged, at: number, own: Owned): Paid {
    const seconds = Math.ceil(usageMs / 1000);
    if (payer === 'emergency' || payer === 'unlimited') return { ...NOTHING, payer };
    if (timeline.spans.length === 0) return NOTHING;
    const left = pool === null ? 0 : this.leftOf(pool, at, own);
    let end = 0;
    for (let next = stepFrom(timeline, 0).end; end < seconds && next * 1000 <= left; next = stepFrom(timeline, end).end)
      end = next;
    const amount = costOf(timeline, end, seconds);
    const wouldPay = seconds === 0 && pool !== null && stepFrom(timeline, 0).end * 1000 <= left;
    return {
      ...NOTHING,
      micros: amount,
      payer: end > 0 || wouldPay ? 'pool' : 'credit',
      pool: end > 0 ? pool : null,
      ms: end * 1000,
    };
  }

  private pay(paid: Paid, firsts: Parameters<AccountReference['draw']>[1]): Paid {
    if (paid.pool !== null) this.s.pools.set(paid.pool, (this.s.pools.get(paid.pool) ?? 0) + paid.ms);
    return { ...paid, ...this.draw(paid.micros, firsts) };
  }

  protected rerate(c: Of<'rerate-call'>): Outcome {
    const { s, now } = this;
    const { charge, cdr } = c;
    const call = s.calls.get(cdr.id);
    if (call === undefined || call.deck === '') return 'debit-unknown';
    if (call.generation > cdr.generation) return undefined;
    if (c.revision === 0) return 'debit-unknown';
    if (call.deck === charge.deckHash) return undefined;
    const { uses, overdraft, pool, ms, payer } = call.paid;
    let owed = s.overdraft;
    const afterRepaying = (amount: number): number => {
      const repaid = Math.min(amount, owed);
      owed -= repaid;
      return amount - repaid;
    };
    let homeless = afterRepaying(overdraft);
    const restored = new Set<Lot>();
    for (const [id, amount] of uses) {
      const lot = s.lots.find((one) => one.id === id)!;
      const left = afterRepaying(amount);
      if (lot.expires <= now) homeless += left;
      else if (left > 0) restored.add(Object.assign(lot, { left: lot.left + left }));
    }
    s.overdraft = owed;
    if (homeless > 0) restored.add(this.opened(`acme.${s.revision + 1}`, homeless));
    if (pool !== null) s.pools.set(pool, s.pools.get(pool)! - ms);
    this.tell('CallReversed', call.paid.micros);
    const again = this.payment(
      charge,
      { ...judged({ category: 'emergency' } as never, s.people, s.terms), payer, pool },
      call.at,
      { pool, ms },
    );
    const paid = this.pay(again, [(lot) => restored.has(lot), this.isOpen]);
    s.calls.set(cdr.id, { ...call, deck: charge.deckHash, generation: call.generation + 1, paid });
    return this.tell('CallDebited', paid.micros, paid.payer, paid.ms, 'same mark');
  }

  protected authorise(c: Of<'authorise'>): Outcome {
    const { s, now } = this;
    const known = s.holds.get(c.sessionId);
    if (known !== undefined && known.print !== c.fingerprint) return 'session-exists-with-different-content';
    if (known?.status === 'open') return undefined;
    if (s.sessions.has(c.sessionId)) return 'session-closed';
    const { rated, presumedAnswerMs: at } = c;
    const judge = judged({ ...c.traits, category: rated.category, at }, s.people, s.terms);
    if (judge.refusal !== null) return judge.refusal;
    const wanted = Math.min(c.requestedSeconds ?? Infinity, s.terms.quotaSeconds);
    const asked = { judged: judge, timeline: rated.timeline, at, used: 0, wanted, rated: rated.ratedSeconds };
    const grant = this.grant(asked, { pool: null, ms: 0 }, this.available);
    if (grant === undefined) return judge.creditRefusal ?? 'NO_CREDIT';
    const until = Math.max(now, at) + (grant.granted + 120) * 1000;
    s.holds.set(c.sessionId, {
      ...grant,
      until,
      print: c.fingerprint,
      status: 'open',
      judged: judge,
      timeline: rated.timeline,
      rated: rated.ratedSeconds,
      at,
    });
    s.sessions.add(c.sessionId);
    return this.tell('ReservationMade', grant.micros, grant.ms, grant.granted, grant.isFinal);
  }

  protected extend(c: Of<'extend-reservation'>): Outcome {
    const { s, now } = this;
    const known = s.holds.get(c.sessionId);
    if (known?.status !== 'open') return s.sessions.has(c.sessionId) ? 'session-closed' : 'session-unknown';
    if (c.usedSeconds < known.used) return undefined;
    const wanted = Math.min(c.requestedSeconds ?? Infinity, s.terms.quotaSeconds);
    const before = { ...known };
    Object.assign(known, { ms: 0, micros: 0 });
    const { judged: judge } = known;
    const again = {
      ...judge,
      needsCredit: false,
      ...(judge.payer === 'pool' && before.ms === 0 ? { payer: 'credit', pool: null } : {}),
    };
    const asked = { ...known, judged: again, used: c.usedSeconds, wanted };
    const grant = this.grant(asked, { pool: judge.pool, ms: before.ms }, this.available);
    if (grant === undefined) return judge.creditRefusal ?? 'NO_CREDIT';
    if (c.usedSeconds === before.used && grant.granted === before.granted) return undefined;
    Object.assign(known, grant, { until: now + (grant.granted - c.usedSeconds + 120) * 1000 });
    return this.tell('ReservationExtended', grant.micros, grant.ms, grant.granted, grant.isFinal);
  }

  /** Increment by increment from answer: by the pool while it lasts, then by the credit, until what is wanted is covered. */
  private grant({ judged: judge, timeline, at, used, wanted, rated }: Asked, own: Owned, credit: number): Grant | undefined {
    const { pool, payer, creditRefusal } = judge;
    const isFree = payer === 'emergency' || payer === 'unlimited';
    const left = pool === null ? 0 : this.leftOf(pool, at, own);
    let [granted, byPool, gross60, isRefused] = [0, 0, feeFrom(timeline, 0), false];
    /** One increment more, when it is priced and somebody pays for it. */
    const goOn = (): void => {
      const { end, price60 } = stepFrom(timeline, granted);
      const isOfPool = !isFree && byPool === granted && end * 1000 <= left;
      const isPaid = isFree || isOfPool || (creditRefusal === null && this.canPay(timeline, gross60 + price60, credit));
      isRefused = (end > rated && payer !== 'emergency') || !isPaid;
      if (isRefused) return;
      granted = end;
      if (isOfPool) [byPool, gross60] = [end, 0];
      else gross60 += price60;
    };
    for (const target = used + wanted; ; goOn()) if (granted >= target || isRefused) break;
    const [seconds, amount] = [granted, isFree || granted === byPool ? 0 : rounded(timeline, gross60)];
    if (seconds <= used || (judge.needsCredit && credit <= 0)) return undefined;
    const ms = byPool * 1000;
    goOn();
    const isFinal = isRefused;
    return { micros: amount, ms, granted: seconds, used, isFinal, until: 0 };
  }

  protected terminate(c: Of<'terminate-reservation'>): Outcome {
    const { s, now } = this;
    const known = s.holds.get(c.sessionId);
    if (known === undefined) return s.sessions.has(c.sessionId) ? undefined : 'session-unknown';
    if (known.status !== 'open') return undefined;
    let byPool = 0;
    const ends = (at: number): number => stepFrom(known.timeline, at).end;
    while (byPool < c.usedSeconds && ends(byPool) * 1000 <= known.ms) byPool = ends(byPool);
    const isFree = known.judged.payer === 'emergency' || known.judged.payer === 'unlimited';
    const cost = isFree ? 0 : costOf(known.timeline, byPool, c.usedSeconds);
    const shrunk = { micros: Math.min(known.micros, cost), ms: byPool * 1000, used: c.usedSeconds, status: 'terminated' };
    Object.assign(known, shrunk, { until: now + s.terms.settleTimeoutSeconds * 1000 });
    return this.tell('ReservationTerminated', known.micros, known.ms);
  }
}
