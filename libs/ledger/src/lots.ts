// Debit step's arithmetic: credit lots and overdraft. Balance = open lots − overdraft; at most one of the two is above zero.

export type Lot = {
  readonly lotId: string;
  readonly remainingMicros: bigint;
  readonly expiresAtMs: number;
};

export type Credit = {
  /** In the order they are drawn: soonest expiry first, then oldest. None is empty. */
  readonly lots: readonly Lot[];
  readonly overdraftMicros: bigint;
};

export const NO_CREDIT: Credit = { lots: [], overdraftMicros: 0n };

/** Micro-units; 12.5 in lots and no overdraft → 12_500_000n; no lots and 3 overdrawn → −3_000_000n. */
export function balanceOf(credit: Credit): bigint {
  let sum = -credit.overdraftMicros;
  for (const lot of credit.lots) sum += lot.remainingMicros;
  return sum;
}

export type Drawn = {
  readonly credit: Credit;
  readonly uses: readonly { readonly lotId: string; readonly amountMicros: bigint }[];
  /** What no lot could pay, micro-units ≥ 0. */
  readonly overdraftMicros: bigint;
};

/** Takes an amount ≥ 0 from the lots in order, the rest as overdraft. Lots 1 and 5, draw 3 → lot 3 left, uses 1 and 2. */
export function draw(credit: Credit, amountMicros: bigint): Drawn {
  const uses: { lotId: string; amountMicros: bigint }[] = [];
  let owed = amountMicros;
  let emptied = 0;
  let first = credit.lots[0];
  while (owed > 0n && first !== undefined) {
    const used = owed < first.remainingMicros ? owed : first.remainingMicros;
    uses.push({ lotId: first.lotId, amountMicros: used });
    owed -= used;
    const remainingMicros = first.remainingMicros - used;
    if (remainingMicros > 0n) {
      first = { ...first, remainingMicros };
      break;
    }
    emptied += 1;
    first = credit.lots[emptied];
  }
  const lots = first === undefined ? [] : [first, ...credit.lots.slice(emptied + 1)];
  return { credit: { lots, overdraftMicros: credit.overdraftMicros + owed }, uses, overdraftMicros: owed };
}

export type Added = { readonly overdraftRepaidMicros: bigint; readonly lotMicros: bigint };

/** How a purchase is split: overdraft first, the rest is the lot. 50 bought at 3 overdrawn → 3 repaid, a lot of 47. */
export function splitPurchase(credit: Credit, amountMicros: bigint): Added {
  const repaid = amountMicros < credit.overdraftMicros ? amountMicros : credit.overdraftMicros;
  return { overdraftRepaidMicros: repaid, lotMicros: amountMicros - repaid };
}

export function addPurchase(credit: Credit, repaidMicros: bigint, lot: Lot | null): Credit {
  const overdraftMicros = credit.overdraftMicros - repaidMicros;
  if (lot === null) return { lots: credit.lots, overdraftMicros };
  const later = credit.lots.findIndex((open) => open.expiresAtMs > lot.expiresAtMs);
  return { lots: credit.lots.toSpliced(later === -1 ? credit.lots.length : later, 0, lot), overdraftMicros };
}

export function removeLot(credit: Credit, lotId: string): Credit {
  return { ...credit, lots: credit.lots.filter((lot) => lot.lotId !== lotId) };
}
