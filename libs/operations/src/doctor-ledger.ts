// What the doctor asks of a ledger at work: have the read models kept up, which tenants stand still, what was put aside, is there a
// rate deck for every plan.

import type { DeckShelf } from '@tollkeeper/decks';
import type { EventStore } from '@tollkeeper/event-store';
import { STREAM_PREFIX } from '@tollkeeper/ledger';
import { assertTables, readModelNames, type Tables } from '@tollkeeper/read-models';
import type { ReadStore } from '@tollkeeper/read-store';
import type { DeadLetters } from './dead-letters.js';
import { fault, ok, warning, type Check, type Finding } from './doctor.js';

type Opened<Engine> = () => Promise<Engine>;

/** Counted no further: a long lag is a long lag. */
export const MAX_LAG_COUNTED = 10_000;
const LONG_LAG = 1_000;

export function readModelsKeepUp(eventStore: Opened<EventStore>, readStore: Opened<ReadStore<Tables>>): Check {
  return {
    about: 'read models',
    async look() {
      const [store, reading] = [await eventStore(), await readStore()];
      // A checkpoint tells nothing of a table that the version before did not have.
      await assertTables(reading);
      const findings: Finding[] = [];
      for (const name of readModelNames()) {
        const lag = await lagOf(store, await reading.checkpoint(name));
        const says = `${lag === MAX_LAG_COUNTED ? 'at least ' : ''}${lag} events behind`;
        const todo = 'see whether projections is running and ready';
        findings.push(lag < LONG_LAG ? ok(`read model ${name}`, says) : warning(`read model ${name}`, says, todo));
      }
      const setAside = await reading.db.selectFrom('set_aside').selectAll().orderBy('model').orderBy('tenant').execute();
      for (const { model, tenant, revision, reason } of setAside) {
        const says = `tenant ${tenant} stands still since revision ${revision}: ${reason}`;
        findings.push(fault(`read model ${model}`, says, 'verify the stream, then rebuild the read model'));
      }
      return findings;
    },
  };
}

/** Ledger events behind a checkpoint, bounded. */
export async function lagOf(store: EventStore, checkpoint: bigint | undefined): Promise<number> {
  let lag = 0;
  const after = checkpoint === undefined ? {} : { after: checkpoint };
  for await (const page of store.readAll({ ...after, streamPrefix: STREAM_PREFIX })) {
    lag += page.length;
    if (lag >= MAX_LAG_COUNTED) return MAX_LAG_COUNTED;
  }
  return lag;
}

export function lettersAreFew(letters: Opened<DeadLetters>): Check {
  const about = 'dead letters';
  return {
    about,
    async look() {
      const byCode = new Map<string, number>();
      for await (const { code } of (await letters()).list()) byCode.set(code, (byCode.get(code) ?? 0) + 1);
      if (byCode.size === 0) return [ok(about, 'none is open')];
      const counts = [...byCode].toSorted(([, left], [, right]) => right - left).map(([code, count]) => `${count} ${code}`);
      const todo = 'mend the cause, then dead-letters retry; dead-letters list tells the reasons';
      return [warning(about, `open: ${counts.join(', ')}`, todo)];
    },
  };
}

export function plansHaveDecks(decks: Opened<DeckShelf>, readStore: Opened<ReadStore<Tables>>, nowMs: () => number): Check {
  return {
    about: 'rate decks',
    async look() {
      const shelf = await decks();
      const used = await (await readStore()).db.selectFrom('balance').select('plan').distinct().execute();
      const plans = new Set([...shelf.versions().map(({ plan }) => plan), ...used.map(({ plan }) => plan)]);
      if (plans.size === 0) return [warning('rate decks', 'none was imported', 'tollkeeper deck import FILE --activate INSTANT')];
      return [...plans].toSorted().map((plan): Finding => {
        const hash = shelf.hashAt(plan, nowMs());
        if (hash !== undefined) return ok(`plan ${plan}`, `version ${hash.slice(0, 12)} is active`);
        const todo = `tollkeeper deck import, then deck activate HASH --plan ${plan}`;
        if (used.some((row) => row.plan === plan))
          return fault(`plan ${plan}`, 'tenants have it, and no rate deck is active', todo);
        return warning(`plan ${plan}`, 'no version is active now', todo);
      });
    },
  };
}
