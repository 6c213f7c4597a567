// Explanations behind HTTP: a tenant's CDR id comes in; the call from raw bytes to money goes out, or a problem that says which calls have
// the id.
//
// Bytes as they came hold whole numbers, and may hold other CDRs beside this one: they are the operator's. Everybody else reads what
// the ledger took down, with numbers masked as in the list of calls.

import { explainCall, keptOnBus, type Explained, type Explanation, type ExplainParts } from '@tollkeeper/audit';
import { maskedNumber, NOBODY, numbersOf, type Parties } from '@tollkeeper/usage-report';
import { untilKnown } from './active-decks.js';
import type { CallsOfTenant } from './calls.js';
import type { ApiParts } from './parts.js';
import { problem } from './problem.js';

type Parts = Pick<ApiParts, 'eventStore' | 'readStore' | 'bus' | 'decks' | 'ring' | 'sources'>;

export type CallNamed = { readonly id: string; readonly source: string | undefined };

/** Whether the bytes are kept is looked up for the operator only. */
type Told = Omit<Explanation, 'raw'> & { readonly raw: Omit<Explanation['raw'], 'kept'> & { readonly kept: boolean | null } };

export class Explanations {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** @throws ProblemError when there is no such call, or several. */
  async of(account: Omit<CallsOfTenant, 'currency'>, { id, source }: CallNamed, isOperator: boolean): Promise<Told> {
    await untilKnown(this.#parts.decks);
    const { tenant } = account;
    const parts = isOperator ? this.#forOperator() : this.#forOthers(account);
    const explanation = onlyOne(await explainCall(parts, { cdrId: id, tenant, source }), tenant, id);
    return isOperator ? explanation : { ...explanation, raw: { ...explanation.raw, kept: null } };
  }

  #forOperator(): ExplainParts {
    const { eventStore, readStore, bus, decks, ring, sources } = this.#parts;
    return {
      eventStore,
      readStore: readStore as never,
      decks,
      ring,
      rawAt: keptOnBus(bus),
      sourceNamed: (name) => sources.sources.get(name),
    };
  }

  #forOthers({ country }: Omit<CallsOfTenant, 'currency'>): ExplainParts {
    const { ring } = this.#parts;
    return {
      ...this.#forOperator(),
      rawAt: async () => undefined,
      ring: {
        unseal: async (of, businessKey, sealed) => {
          const opened = await ring.unseal(of, businessKey, sealed);
          return opened === 'erased' ? opened : this.#masked(country, { businessKey, sealed }, { ...NOBODY, ...opened });
        },
      },
    };
  }

  /** The row tells which of the numbers is the outside one; where it is not known yet, both may be. */
  async #masked(
    country: string | null,
    { businessKey, sealed }: { readonly businessKey: string; readonly sealed: string },
    parties: Parties,
  ): Promise<Parties> {
    const [, id = ''] = businessKey.split('\0');
    const rows = this.#parts.readStore.db.selectFrom('call').selectAll();
    // Sealed for this call alone, though its switch may have used the id again.
    const row = await rows.where('cdr_id', '=', id).where('parties', '=', sealed).executeTakeFirst();
    if (row !== undefined) return { ...parties, ...numbersOf(row, parties, country) };
    const hidden = (number: string | null): string | null => (number === null ? null : maskedNumber(number, country));
    return { ...parties, called: hidden(parties.called), calling: hidden(parties.calling) };
  }
}

function onlyOne(explained: Explained, tenant: string, id: string): Explanation {
  if (explained.kind === 'explained') return explained.explanation;
  if (explained.kind === 'none') {
    const detail = `No CDR ${id} of ${tenant} was recorded; it may have been put aside: see the dead letters.`;
    throw problem('call-unknown', detail);
  }
  const sources = explained.calls.map(({ source }) => source);
  throw problem('call-ambiguous', `${sources.join(' and ')} have each sent a CDR ${id}; choose one with ?source=.`, { sources });
}
