// HTTP's look at dead letters, and what becomes of them: the list from the read model, a letter's bytes from its topic, retries and
// discards onto the bus.
//
// What if a retry or a discard comes twice? The account knows a CDR that was recorded, and a letter that was discarded is open no more.

import { contentOfLetter, DeadLetters, type LetterFilter } from '@tollkeeper/operations';
import type { DeadLetterRow } from '@tollkeeper/read-models';
import type { LetterMessageView, LettersPage, LetterView } from './letter-answers.js';
import { cursorOf, placeOf } from './page-cursor.js';
import type { ApiParts } from './parts.js';
import { problem } from './problem.js';
import type { ReadModelStore } from './read-model-store.js';
import type { LettersQuery } from './upkeep-requests.js';

/** Each reads the whole topic of dead letters. */
const MAX_AT_ONCE = 2;

type LetterParts = Pick<ApiParts, 'bus' | 'options'>;

export class Letters {
  readonly #parts: LetterParts;
  readonly #store: ReadModelStore;
  #underWay = 0;

  constructor(parts: LetterParts, store: ReadModelStore) {
    this.#parts = parts;
    this.#store = store;
  }

  /** A moment behind the topic. */
  async page({ code, tenant, limit, cursor }: LettersQuery): Promise<LettersPage> {
    const { db } = this.#store.asTheyAre;
    let rows = db.selectFrom('dead_letter').selectAll().orderBy('put_aside_at', 'desc').orderBy('letter_id', 'desc');
    if (code) rows = rows.where('code', '=', code);
    if (tenant) rows = rows.where('message_key', '=', tenant);
    const before = placeOf(cursor);
    if (before !== undefined) {
      const [at, id] = before;
      rows = rows.where((where) =>
        where.or([where('put_aside_at', '<', at), where.and([where('put_aside_at', '=', at), where('letter_id', '<', id)])]),
      );
    }
    const found = await rows.limit(limit + 1).execute();
    const letters = found.slice(0, limit).map(viewOf);
    const last = letters.at(-1);
    return { letters, next: found.length > limit && last !== undefined ? cursorOf([last.putAsideAt, last.id]) : null };
  }

  /** @throws ProblemError when there is none of that name, or it is settled. */
  async letter(id: string): Promise<LetterMessageView> {
    const letter = await this.#withTopic((letters) => letters.show(id));
    if (letter === undefined) throw problem('letter-unknown', `No dead letter ${id} is known; a retry may have settled it.`);
    const { key: tenant, code, reason, putAsideAt, discarded, headers, value } = letter;
    return { id, tenant, code, reason, putAsideAt, discarded, headers, ...contentOfLetter(value) };
  }

  retry(filter: LetterFilter): Promise<number> {
    return this.#withTopic(async (letters) => (await letters.retry(filter)).retried);
  }

  discard(filter: LetterFilter, by: { readonly author: string; readonly reason: string }): Promise<number> {
    return this.#withTopic((letters) => letters.discard(filter, by));
  }

  async #withTopic<Result>(use: (letters: DeadLetters) => Promise<Result>): Promise<Result> {
    if (this.#underWay >= MAX_AT_ONCE) throw problem('too-busy', 'Dead letters are being read already; try again shortly.');
    this.#underWay += 1;
    try {
      const { bus, options } = this.#parts;
      const topics = { deadLetters: options.deadLetterTopic, cdr: options.cdrTopic };
      if ((await bus.describeTopic(topics.deadLetters)) === undefined) {
        const detail = `The bus has no topic ${topics.deadLetters}; make it, or set DEAD_LETTER_TOPIC to the one that there is.`;
        throw problem('engine-unavailable', detail);
      }
      return await use(new DeadLetters(bus, topics));
    } finally {
      this.#underWay -= 1;
    }
  }
}

function viewOf({ letter_id: id, message_key: tenant, code, reason, put_aside_at: putAsideAt }: DeadLetterRow): LetterView {
  return { id, tenant, code, reason, putAsideAt };
}
