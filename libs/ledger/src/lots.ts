// Debit step's arithmetic: credit lots and overdraft. Balance = open lots − overdraft; at most one of the two is above zero.

export type Lot = {
  readonly lotId: string;
  readonly remainingMicros: bigint;
  readonly expiresAtMs: number;
  /** Its owner has been told that it is about to expire. */
  readonly isWarned?: true;
};

export type Credit = {
  /** In the order they are drawn: soonest expiry first, then oldest. None is empty. */
  readonly lots: readonly Lot[];
  /** Lots drawn empty before their expiry, soonest expiry first: a reversal may open them again. */
  readonly emptied: readonly Lot[];
  readonly overdraftMicros: bigint;
};

export const NO_CREDIT: Credit = { lots: [], emptied: [], overdraftMicros: 0n };

/** Micro-units; 12.5 in lots and no overdraft → 12_500_000n; no lots and 3 overdrawn → −3_000_000n. */
export function balanceOf(credit: Credit): bigint {
  let sum = -credit.overdraftMicros;
  for (const lot of credit.lots) sum += lot.remainingMicros;
  return sum;
}

export type Drawn = {
  readonly uses: readonly { readonly lotId: string; readonly amountMicros: bigint }[];
  /** What no lot could pay, micro-units ≥ 0. */
  readonly overdraftMicros: bigint;
};

/**
 * What an amount ≥ 0 is to be taken from: the lots in order, the rest is overdraft. Lots 1 and 5, draw 3 → uses 1 and 2.
 * @param groups lots that pay before all others, in their own order; those of an earlier group before those of a later one.
 */
export function draw(credit: Credit, amountMicros: bigint, ...groups: readonly ReadonlySet<string>[]): Drawn {
  const uses: { lotId: string; amountMicros: bigint }[] = [];
  let owed = amountMicros;
  for (const { lotId, remainingMicros } of inGroups(credit.lots, groups)) {
    if (owed === 0n) break;
    const used = owed < remainingMicros ? owed : remainingMicros;
    uses.push({ lotId, amountMicros: used });
    owed -= used;
  }
  return { uses, overdraftMicros: owed };
}

function inGroups(lots: readonly Lot[], groups: readonly ReadonlySet<string>[]): readonly Lot[] {
  let [ordered, rest]: [readonly Lot[], readonly Lot[]] = [[], lots];
  for (const group of groups) {
    if (group.size === 0) continue;
    ordered = [...ordered, ...rest.filter(({ lotId }) => group.has(lotId))];
    rest = rest.filter(({ lotId }) => !group.has(lotId));
  }
  return ordered.length === 0 ? lots : [...ordered, ...rest];
}

const NO_LOTS: ReadonlySet<string> = new Set();

export type Added = { readonly overdraftRepaidMicros: bigint; readonly lotMicros: bigint };

/** How a purchase is split: overdraft first, the rest is the lot. 50 bought at 3 overdrawn → 3 repaid, a lot of 47. */
export function splitPurchase(credit: Credit, amountMicros: bigint): Added {
  const repaid = amountMicros < credit.overdraftMicros ? amountMicros : credit.overdraftMicros;
  return { overdraftRepaidMicros: repaid, lotMicros: amountMicros - repaid };
}

export function addPurchase(credit: Credit, repaidMicros: bigint, lot: Lot | null): Credit {
  const overdraftMicros = credit.overdraftMicros - repaidMicros;
  return { ...credit, lots: lot === null ? credit.lots : inserted(credit.lots, lot), overdraftMicros };
}

/** Takes what has expired of a lot; what a reservation still holds of it stays. @throws RangeError when it holds less. */
export function expireLot(credit: Credit, lotId: string, amountMicros: bigint): Credit {
  const at = credit.lots.findIndex((lot) => lot.lotId === lotId);
  const lot = credit.lots[at];
  if (lot === undefined || lot.remainingMicros < amountMicros) throw short(lotId, lot, amountMicros);
  const remainingMicros = lot.remainingMicros - amountMicros;
  const lots = remainingMicros === 0n ? credit.lots.toSpliced(at, 1) : credit.lots.with(at, { ...lot, remainingMicros });
  return { ...credit, lots };
}

export function markWarned(credit: Credit, lotId: string): Credit {
  return { ...credit, lots: credit.lots.map((lot) => (lot.lotId === lotId ? { ...lot, isWarned: true } : lot)) };
}

/**
 * What of each lot whose term is over can go: reservations are thought to hold the lots that are drawn first. A lot of 5 that expired,
 * with 3 held → 2.
 */
export function expirable(
  { lots }: Credit,
  heldMicros: bigint,
  nowMs: number,
): readonly { readonly lot: Lot; readonly amountMicros: bigint }[] {
  const found: { lot: Lot; amountMicros: bigint }[] = [];
  let held = heldMicros;
  for (const lot of lots) {
    if (lot.expiresAtMs > nowMs) break;
    const kept = held < lot.remainingMicros ? held : lot.remainingMicros;
    held -= kept;
    if (kept < lot.remainingMicros) found.push({ lot, amountMicros: lot.remainingMicros - kept });
  }
  return found;
}

/** The lots whose term goes on, where some are over and only held: the others pay first for calls that hold nothing. */
export function unexpired({ lots }: Credit, nowMs: number): ReadonlySet<string> {
  const [soonest] = lots;
  if (soonest === undefined || soonest.expiresAtMs > nowMs) return NO_LOTS;
  return new Set(lots.filter(({ expiresAtMs }) => expiresAtMs > nowMs).map(({ lotId }) => lotId));
}

function short(lotId: string, lot: Lot | undefined, amountMicros: bigint): RangeError {
  return new RangeError(`lot ${lotId} holds ${lot?.remainingMicros ?? 'nothing'}, not ${amountMicros} micro-units`);
}

/** As recorded: each lot pays its part, the rest is overdraft. @throws RangeError when a lot does not hold its part. */
export function drawUses(credit: Credit, uses: Drawn['uses'], overdraftMicros: bigint): Credit {
  let { lots, emptied } = credit;
  for (const { lotId, amountMicros } of uses) {
    const at = lots.findIndex((lot) => lot.lotId === lotId);
    const lot = lots[at];
    if (lot === undefined || lot.remainingMicros < amountMicros) throw short(lotId, lot, amountMicros);
    const remainingMicros = lot.remainingMicros - amountMicros;
    if (remainingMicros > 0n) lots = lots.with(at, { ...lot, remainingMicros });
    else [lots, emptied] = [lots.toSpliced(at, 1), inserted(emptied, { ...lot, remainingMicros: 0n })];
  }
  return { lots, emptied, overdraftMicros: credit.overdraftMicros + overdraftMicros };
}

/**
 * Money back into the lots that paid, into a new one, and into overdraft. A lot that was drawn empty is older than those of the
 * same expiry that were not, so it is drawn before them again.
 */
export function restore(credit: Credit, back: readonly Lot[], newLot: Lot | null, overdraftRepaidMicros: bigint): Credit {
  let { lots } = credit;
  for (const lot of back.toReversed()) {
    const at = lots.findIndex((open) => open.lotId === lot.lotId);
    const open = lots[at];
    if (open !== undefined) lots = lots.with(at, { ...open, remainingMicros: open.remainingMicros + lot.remainingMicros });
    else {
      const notSooner = lots.findIndex(({ expiresAtMs }) => expiresAtMs >= lot.expiresAtMs);
      const emptied = credit.emptied.find((empty) => empty.lotId === lot.lotId);
      const warned = emptied?.isWarned === true ? { ...lot, isWarned: true as const } : lot;
      lots = lots.toSpliced(notSooner === -1 ? lots.length : notSooner, 0, warned);
    }
  }
  const restored = new Set(back.map(({ lotId }) => lotId));
  return {
    lots: newLot === null ? lots : inserted(lots, newLot),
    emptied: credit.emptied.filter(({ lotId }) => !restored.has(lotId)),
    overdraftMicros: credit.overdraftMicros - overdraftRepaidMicros,
  };
}

/** Emptied lots are remembered while a reversal could open them again. */
export function forgetEmptied(credit: Credit, nowMs: number): Credit {
  const [soonest] = credit.emptied;
  if (soonest === undefined || soonest.expiresAtMs > nowMs) return credit;
  return { ...credit, emptied: credit.emptied.filter(({ expiresAtMs }) => expiresAtMs > nowMs) };
}

/** Behind those that expire at the same time or sooner. */
function inserted(lots: readonly Lot[], lot: Lot): readonly Lot[] {
  const later = lots.findIndex((open) => open.expiresAtMs > lot.expiresAtMs);
  return lots.toSpliced(later === -1 ? lots.length : later, 0, lot);
}
