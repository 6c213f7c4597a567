// What an event does to an account's credit: lots and overdraft before, and after. The account folds by it, and so do read models.

import { microsOf } from '@tollkeeper/money';
import type { CallReversed } from './call-facts.js';
import type { LedgerEvent } from './events.js';
import type { LotUse, OpenedLot } from './fact.js';
import type { CreditAdjusted } from './money-facts.js';
import { addPurchase, drawUses, expireLot, markWarned, restore, type Credit, type Lot } from './lots.js';

/**
 * The same object when the event moves nothing.
 * @throws RangeError when its parts do not add up to its amount, or a lot does not hold what it is said to pay.
 */
export function creditAfter(credit: Credit, event: LedgerEvent): Credit {
  switch (event.type) {
    case 'CallDebited.v1':
    case 'PurchaseRefunded.v1':
      return drawn(credit, event.data);
    case 'CallReversed.v1':
      return reversed(credit, event.data);
    case 'CreditAdjusted.v1':
      return adjusted(credit, event.data);
    case 'CreditPurchased.v1': {
      const { lot, overdraftRepaid } = event.data;
      return addPurchase(credit, microsOf(overdraftRepaid), lot && lotOf(lot));
    }
    case 'LotExpired.v1':
      return expireLot(credit, event.data.lotId, microsOf(event.data.amount));
    case 'LotExpiryWarned.v1':
      return markWarned(credit, event.data.lotId);
    default:
      return credit;
  }
}

type Drawing = { readonly amount: string; readonly lots: readonly LotUse[]; readonly overdraft: string };

function drawn(credit: Credit, { amount, lots, overdraft }: Drawing): Credit {
  const uses = lots.map((use) => ({ lotId: use.lotId, amountMicros: microsOf(use.amount) }));
  const overdraftMicros = microsOf(overdraft);
  const paid = uses.reduce((sum, { amountMicros }) => sum + amountMicros, overdraftMicros);
  if (paid !== microsOf(amount)) throw new RangeError(`lots and overdraft pay ${paid} micro-units, not ${amount}`);
  return drawUses(credit, uses, overdraftMicros);
}

function reversed(credit: Credit, data: CallReversed): Credit {
  const [lots, newLot] = [data.lots.map(lotOf), data.newLot && lotOf(data.newLot)];
  const overdraftMicros = microsOf(data.overdraftRepaid);
  const back = lots.reduce(
    (sum, { remainingMicros }) => sum + remainingMicros,
    overdraftMicros + (newLot?.remainingMicros ?? 0n),
  );
  if (back !== microsOf(data.amount)) throw new RangeError(`${back} micro-units go back, not ${data.amount}`);
  return restore(credit, lots, newLot, overdraftMicros);
}

function adjusted(credit: Credit, data: CreditAdjusted): Credit {
  if (data.direction === 'debit') return drawn(credit, data);
  return addPurchase(credit, microsOf(data.overdraftRepaid), data.lot && lotOf(data.lot));
}

function lotOf({ amount, expiresAt, lotId }: OpenedLot): Lot {
  return { lotId, remainingMicros: microsOf(amount), expiresAtMs: Date.parse(expiresAt) };
}
