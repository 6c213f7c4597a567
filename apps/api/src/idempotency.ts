// HTTP's memory of Idempotency-Keys on settings: key and request come in; the first answer, or a refusal of another request, goes out.
//
// Purchases need none of this: their key is their id in the ledger, which knows it for ever. A setting set twice is the same
// setting, but a retry that comes late must not undo what was set since; so its key is kept for some days.

import { createHash } from 'node:crypto';
import { canonicalJson, type JsonValue } from '@tollkeeper/ledger';
import { ReadStoreError, type Migration, type ReadStore } from '@tollkeeper/read-store';
import type { ReadTables } from './parts.js';
import { problem } from './problem.js';

/** Far longer than any client goes on trying. */
const KEY_RETENTION_MS = 7 * 86_400_000;
/** Two API processes may remember keys at the same moment; each loser tries again. */
const MAX_WRITE_ATTEMPTS = 20;
const CHECKPOINT = 'http-idempotency-key';

const KEY_FORM = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$/;

export type IdempotencyKeyRow = {
  readonly key: string;
  /** Digest of the request. */
  readonly content: string;
  /** The answer as JSON; null while the request is under way, or when it died on the way. */
  readonly answer: string | null;
  readonly seen_at: string;
};

export const IDEMPOTENCY_HEADER = {
  name: 'Idempotency-Key',
  required: false,
  description: 'Quoted or not. The same key with another request is refused with 422.',
} as const;

const MIGRATION: Migration = {
  name: 'http-idempotency-key',
  async up(db) {
    await db.schema
      .createTable('http_idempotency_key')
      .addColumn('key', 'text', (column) => column.primaryKey())
      .addColumn('content', 'text', (column) => column.notNull())
      .addColumn('answer', 'text')
      .addColumn('seen_at', 'text', (column) => column.notNull())
      .execute();
    await db.schema.createIndex('http_idempotency_key_seen_at').on('http_idempotency_key').column('seen_at').execute();
  },
};

/** The header's key, with or without quotes; undefined when there is none. */
export function idempotencyKeyOf(header: string | undefined): string | undefined {
  if (header === undefined) return undefined;
  const key = /^"(.*)"$/.exec(header.trim())?.[1] ?? header.trim();
  if (KEY_FORM.test(key)) return key;
  const detail = 'must be 1 to 128 letters, digits, dots, dashes, underscores and colons, beginning with a letter or digit';
  const errors = [{ parameter: 'Idempotency-Key', detail }];
  throw problem('parameter-invalid', `The header Idempotency-Key ${detail}.`, { errors });
}

export function requiredIdempotencyKey(header: string | undefined): string {
  const key = idempotencyKeyOf(header);
  if (key !== undefined) return key;
  throw problem('idempotency-key-missing', 'Name the purchase with an Idempotency-Key, so that a retry cannot buy twice.');
}

type Write = Parameters<ReadStore<ReadTables>['advance']>[3];

export class IdempotencyKeys {
  readonly #readStore: ReadStore<ReadTables>;
  readonly #nowMs: () => number;
  #migrated: Promise<void> | undefined;
  #writing: Promise<void> = Promise.resolve();

  constructor(readStore: ReadStore<ReadTables>, nowMs: () => number) {
    this.#readStore = readStore;
    this.#nowMs = nowMs;
  }

  /** Runs the request unless its key has an answer already. A request that died half-way is run again. */
  async once<Answer>(tenant: string, key: string | undefined, request: JsonValue, run: () => Promise<Answer>): Promise<Answer> {
    if (key === undefined) return run();
    await this.#ready();
    const scoped = `${tenant} ${key}`;
    const content = createHash('sha256').update(canonicalJson(request)).digest('hex');
    const known = (await this.#find(scoped)) ?? (await this.#claim(scoped, content));
    if (known !== undefined && known.content !== content) {
      throw problem(
        'idempotency-key-reused',
        `Idempotency-Key ${key} of ${tenant} came with another request before; use a new one.`,
      );
    }
    if (known !== undefined && known.answer !== null) return JSON.parse(known.answer) as Answer;
    const answer = await run();
    await this.#write(async (tx) => {
      const remembered = { answer: JSON.stringify(answer) };
      await tx.updateTable('http_idempotency_key').set(remembered).where('key', '=', scoped).execute();
    });
    return answer;
  }

  /** Undefined when the key is ours now, else what another request has just made of it. */
  async #claim(key: string, content: string): Promise<IdempotencyKeyRow | undefined> {
    const seenAt = new Date(this.#nowMs()).toISOString();
    const forgottenBefore = new Date(this.#nowMs() - KEY_RETENTION_MS).toISOString();
    try {
      await this.#write(async (tx) => {
        await tx.deleteFrom('http_idempotency_key').where('seen_at', '<', forgottenBefore).execute();
        await tx.insertInto('http_idempotency_key').values({ key, content, answer: null, seen_at: seenAt }).execute();
      });
      return undefined;
    } catch (error) {
      if (error instanceof ReadStoreError && error.code === 'constraint') return this.#find(key);
      throw error;
    }
  }

  #find(key: string): Promise<IdempotencyKeyRow | undefined> {
    const { db } = this.#readStore;
    return db.selectFrom('http_idempotency_key').selectAll().where('key', '=', key).executeTakeFirst();
  }

  /** One after another within this process: they share a checkpoint, and a crowd of requests would outrun each other. */
  #write(write: Write): Promise<void> {
    const written = this.#writing.then(() => this.#writeInTurn(write));
    this.#writing = written.catch(() => undefined);
    return written;
  }

  async #writeInTurn(write: Write): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      const from = await this.#readStore.checkpoint(CHECKPOINT);
      try {
        return await this.#readStore.advance(CHECKPOINT, from, (from ?? 0n) + 1n, write);
      } catch (error) {
        const isRace = error instanceof ReadStoreError && error.code === 'checkpoint-moved';
        if (!isRace || attempt === MAX_WRITE_ATTEMPTS) throw error;
      }
    }
  }

  /** At first use, not at start: a read store that is down must not keep the API from starting. */
  #ready(): Promise<void> {
    this.#migrated ??= this.#readStore.migrate([MIGRATION]).catch((error: unknown) => {
      this.#migrated = undefined;
      throw error;
    });
    return this.#migrated;
  }
}
