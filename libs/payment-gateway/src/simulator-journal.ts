// Audit's look at the simulator's books without asking the simulator: its journal in a file comes in, payments go out.
//
// A journal is only ever added to, so it can be read while a simulator writes it; a last line without its end is not there yet.
// What the lines mean is said where they are written, in apps/payments/src/simulator/payments.ts.

import { readFile } from 'node:fs/promises';
import { GatewayError, type ListedPayment, type PaymentList } from './gateway.js';

type Line = {
  readonly kind: string;
  readonly key: string;
  readonly body: Pick<ListedPayment, 'tenant' | 'rechargeId' | 'attempt' | 'amount' | 'currency'>;
  readonly plan: { readonly settled: string; readonly first: string };
  readonly stripe?: object;
  readonly at?: string;
};

type Kept = { readonly made: Line; readonly reference: string; status: ListedPayment['status'] };

/** @param file `payments.ndjson` of the folder that the embedded program works on; one that is not there holds no payments. */
export function simulatorJournal(file: string): PaymentList {
  return {
    async *list(signal) {
      const text = await readFile(file, { encoding: 'utf8', signal }).catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return '';
        throw new GatewayError('unavailable', `Listing payments: ${file} cannot be read: ${error.message}`, { cause: error });
      });
      const payments = paymentsIn(text.slice(0, text.lastIndexOf('\n') + 1), file);
      if (payments.length > 0) yield payments;
    },
  };
}

function paymentsIn(text: string, file: string): readonly ListedPayment[] {
  const kept = new Map<string, Kept>();
  for (const [at, line] of text.split('\n').slice(0, -1).entries()) {
    try {
      apply(kept, JSON.parse(line) as Line);
    } catch (error) {
      throw new GatewayError('bad-answer', `Listing payments: line ${at + 1} of ${file} is none that the simulator writes.`, {
        cause: error,
      });
    }
  }
  return [...kept.values()].map(({ made, reference, status }) => {
    const { tenant, rechargeId, attempt, amount, currency } = made.body;
    const listed = { tenant, rechargeId, attempt, amount, currency, status, createdAt: made.at ?? null };
    return { ...listed, reference: status === 'paid' ? reference : null };
  });
}

function apply(kept: Map<string, Kept>, line: Line): void {
  if (line.kind === 'payment') {
    // Numbered by payment, as the simulator does.
    const number = String(kept.size + 1).padStart(6, '0');
    const reference = line.stripe === undefined ? `pay-${number}` : `pi_${number}`;
    kept.set(line.key, { made: line, reference, status: line.plan.first === 'processing' ? 'processing' : endOf(line) });
  }
  const known = kept.get(line.key);
  if (known === undefined) return;
  if (line.kind === 'settled') known.status = endOf(known.made);
  if (line.kind === 'authenticated') known.status = 'paid';
}

function endOf({ plan }: Line): 'paid' | 'declined' {
  return plan.settled === 'paid' ? 'paid' : 'declined';
}
