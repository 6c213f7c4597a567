// Explanations behind HTTP: a tenant's CDR id comes in; the call from raw bytes to money goes out, or a problem that says which calls have
// the id.
//
// Bytes as they came hold whole numbers, and may hold other CDRs beside this one: they are the operator's. Everybody else reads what
// the ledger took down, with numbers masked as in the list of calls.

import { explainCall, keptOnBus, type Explained, type Explanation, type ExplainParts } from '@tollkeeper/audit';
import { lagOf, MAX_LAG_COUNTED } from '@tollkeeper/operations';
import { maskedNumber, NOBODY, numbersOf, type Parties } from '@tollkeeper/usage-report';
import { untilKnown } from './active-decks.js';
import type { CallsOfTenant } from './calls.js';
import type { ApiParts } from './parts.js';
import { problem } from './problem.js';

type Parts = Pick<ApiParts, 'eventStore' | 'readStore' | 'bus' | 'decks' | 'ring' | 'sources'>;

/** Each may read thousands of events. */
const MAX_AT_ONCE = 4;

export type CallNamed = { readonly id: string; readonly source?: string; readonly answeredAt?: string };

/** Whether the bytes are kept is looked up for the operator only. */
type Told = Omit<Explanation, 'raw'> & { readonly raw: Omit<Explanation['raw'], 'kept'> & { readonly kept: boolean | null } };

export class Explanations {
  readonly #parts: Parts;
  #underWay = 0;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** @param gone nobody waits any more. @throws ProblemError when there is no such call, or several, or it cannot be looked for just now. */
  async of(
    account: Omit<CallsOfTenant, 'currency'>,
    { id, source, answeredAt }: CallNamed,
    isOperator: boolean,
    gone: AbortSignal,
  ): Promise<Told> {
    if (this.#underWay >= MAX_AT_ONCE) {
      throw problem('too-busy', `${MAX_AT_ONCE} explanations are under way; try again shortly.`);
    }
    this.#underWay += 1;
    const onRead = (): void => {
      if (gone.aborted) throw problem('request-unreadable', 'The client has gone away; nobody waits for the explanation.');
    };
    try {
      await untilKnown(this.#parts.decks);
      onRead();
      await this.#refuseLag();
      const { tenant } = account;
      const parts = isOperator ? this.#forOperator() : this.#forOthers(account);
      const answeredAtMs = answeredAt === undefined ? undefined : Date.parse(answeredAt);
      const explained = await explainCall({ ...parts, onRead }, { cdrId: id, tenant, source, answeredAtMs });
      const explanation = onlyOne(explained, tenant, id);
      return isOperator ? explanation : { ...explanation, raw: { ...explanation.raw, kept: null } };
    } finally {
      this.#underWay -= 1;
    }
  }

  /** What the read model has not followed is read event by event. */
  async #refuseLag(): Promise<void> {
    const { eventStore, readStore } = this.#parts;
    const lag = await lagOf(eventStore, await readStore.checkpoint('calls'));
    if (lag < MAX_LAG_COUNTED) return;
    const detail = `The read model "calls" is ${lag} events or more behind; see whether projections is running, then ask again.`;
    throw problem('projection-lags', detail);
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
  const calls = explained.calls.map(({ source, answeredAt }) => ({ source, answeredAt }));
  const sources = [...new Set(calls.map(({ source }) => source))];
  if (sources.length > 1) {
    const detail = `${sources.join(' and ')} have each sent a CDR ${id}; choose one with ?source=.`;
    throw problem('call-ambiguous', detail, { sources, calls });
  }
  const instants = calls.map(({ answeredAt }) => answeredAt).join(' and ');
  const detail = `${sources.join('')} has sent a CDR ${id} of calls answered at ${instants}; choose one with ?answeredAt=.`;
  throw problem('call-ambiguous', detail, { calls });
}
