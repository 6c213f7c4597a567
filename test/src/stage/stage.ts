// Tests across processes: engines come in; a stage goes out, with topics, a schema and tenants of its own, on which the
// programs run as child processes and are killed by their pid.

import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openEventStore, type EventStore, type RecordedEvent } from '@tollkeeper/event-store';
import { streamOf } from '@tollkeeper/ledger';
import { openMessageBus, type MessageBus } from '@tollkeeper/message-bus';
import type { Recipients } from '@tollkeeper/people';
import { openReadStore, type ReadStore } from '@tollkeeper/read-store';
import { availablePort, createSchema, waitFor } from '@tollkeeper/testing';
import type { Tables } from '@tollkeeper/read-models';
import { openAccounts, type AccountSettings } from './accounts.js';
import { cdrMessage, type Call } from './cdrs.js';
import type { Engines } from './engines.js';
import { beginAtTheEnd, takeTurn } from './isolation.js';
import { listen, type Listener } from './listener.js';
import { deckOf, PRICES } from './oracle.js';
import { useDeck } from './decks.js';
import { setRecipients } from './recipients.js';
import { spawnProgram, type Program, type ProgramName } from './programs.js';

export type StageProgram = Exclude<ProgramName, 'standalone'>;

export type StageTopics = {
  readonly cdr: string;
  /** Keyed by something else than the tenant, where the stage's sources say so. */
  readonly cdrByCall: string;
  readonly deadLetters: string;
  readonly parked: string;
  readonly balance: string;
  readonly alert: string;
  readonly rechargeCommand: string;
  readonly rechargeCommandDeadLetters: string;
};

export type StageOptions = {
  readonly name: string;
  readonly engines: Engines;
  /** By default one source, `switch`, whose `tenant` field is trusted, on the intake topic. */
  readonly sources?: (topics: StageTopics) => readonly object[];
  /** CSV; by default the deck of `PRICES`. */
  readonly rates?: string;
  /** For every program. */
  readonly env?: Readonly<Record<string, string>>;
  readonly partitions?: number;
  /** Bound of the intake; dead letters take twice as much. */
  readonly maxCdrMessageBytes?: number;
};

export type StartOptions = {
  readonly env?: Readonly<Record<string, string>>;
  /** `NAME` or `NAME:N`: where the program kills itself. */
  readonly failpoint?: string;
};

const PARTITIONS = 3;
const MAX_CDR_MESSAGE_BYTES = 1_048_588;
/** Long enough for a group whose member was killed to notice, and for two busy cores. */
export const UNTIL_MS = 45_000;
/** Suites on one KurrentDB take turns. */
export const OPEN_WITHIN_MS = 600_000;
/** What a rebuild reads at least, of a store that holds the events of every stage before. */
const REBUILT_PER_MS = 4_000n;

/** Every read model's and every tenant's state, for comparing a rebuild with what it replaced. */
export const READ_MODEL_TABLES = ['balance', 'low_balance', 'low_balance_alert', 'auto_recharge'] as const;

export class Stage {
  readonly programs: Program[] = [];
  readonly #cleanups: (() => Promise<unknown>)[] = [];
  #starts = 0;

  private constructor(
    readonly options: StageOptions,
    /** Unique, and the beginning of every tenant's name. */
    readonly id: string,
    readonly folder: string,
    readonly topics: StageTopics,
    readonly bus: MessageBus,
    readonly eventStore: EventStore,
    readonly readStore: ReadStore<Tables>,
    /** What the programs are given: engines, topics, groups and files. */
    readonly env: Readonly<Record<string, string>>,
    /** Position in the event store before which nothing belongs to the stage. */
    private readonly beginning: bigint,
  ) {}

  static async open(options: StageOptions): Promise<Stage> {
    const { engines, name, partitions = PARTITIONS, maxCdrMessageBytes = MAX_CDR_MESSAGE_BYTES } = options;
    const id = `${name}-${randomBytes(4).toString('hex')}`;
    const folder = await mkdtemp(join(tmpdir(), `tollkeeper-${id}-`));
    await mkdir(join(folder, 'logs'));
    const topics = topicsOf(id);
    const files = await writeFiles(folder, topics, options);

    const turn = engines.kurrentDbUrl === undefined ? undefined : await takeTurn(engines.databaseUrl, engines.kurrentDbUrl);
    const schema = await createSchema(engines.databaseUrl);
    const eventStoreUrl = engines.kurrentDbUrl ?? `sqlite:${join(folder, 'events.db')}`;
    const eventStore = openEventStore(eventStoreUrl);
    const beginning = turn ? await beginAtTheEnd(eventStore, schema.url, id) : 0n;
    await useDeck(eventStore, options.rates ?? deckOf(PRICES));
    const bus = openMessageBus(engines.brokers, { clientId: `stage-${id}` });
    const putAside: readonly string[] = [topics.deadLetters, topics.parked];
    await bus.ensureTopics(
      Object.values(topics).map((topic) => ({
        name: topic,
        partitions,
        maxMessageBytes: putAside.includes(topic) ? 2 * maxCdrMessageBytes : maxCdrMessageBytes,
        ...(putAside.includes(topic) ? { retentionMs: Infinity } : {}),
      })),
    );
    const readStore = await openReadStore<Tables>(schema.url);
    const env = { ...environment(topics, { brokers: engines.brokers, eventStoreUrl, databaseUrl: schema.url }), ...files };
    const simulatorPort = String(await availablePort());
    const gateway = { SIMULATOR_PORT: simulatorPort, PAYMENT_GATEWAY_URL: `http://127.0.0.1:${simulatorPort}` };
    const stage = new Stage(
      options,
      id,
      folder,
      topics,
      bus,
      eventStore,
      readStore,
      { ...env, ...gateway, ...options.env },
      beginning,
    );
    stage.#cleanups.push(
      () => bus.close(),
      () => eventStore.close(),
      () => readStore.close(),
      () => schema.drop(),
      async () => turn?.end(),
      () => rm(folder, { recursive: true, force: true }),
    );
    return stage;
  }

  /** A name that no other stage uses. */
  tenant(name: string): string {
    return `${this.id}-${name}`;
  }

  /** Every program has a group of its own: members of one group must read the same topics. */
  groupOf(program: StageProgram): string {
    return `${this.id}-${program}`;
  }

  async start(name: StageProgram, { env = {}, failpoint }: StartOptions = {}): Promise<Program> {
    const number = String((this.#starts += 1)).padStart(3, '0');
    const port = name === 'simulator' ? Number(this.env['SIMULATOR_PORT']) : await availablePort();
    const own = { HEALTH_PORT: String(port), API_PORT: String(port), CONSUMER_GROUP: this.groupOf(name) };
    const program = spawnProgram(name, {
      env: { ...this.env, ...own, ...env, ...(failpoint === undefined ? {} : { FAILPOINT: failpoint }) },
      args: name === 'simulator' ? ['--port', String(port), '--data', join(this.folder, 'payments.ndjson')] : [],
      port,
      logFile: join(this.folder, 'logs', `${number}-${name}.log`),
    });
    this.programs.push(program);
    return program;
  }

  /** Starts them side by side and waits until each is ready. */
  async startReady<Names extends readonly StageProgram[]>(...names: Names): Promise<{ [At in keyof Names]: Program }> {
    const programs = await Promise.all(names.map((name) => this.start(name)));
    await Promise.all(programs.map((program) => program.waitReady()));
    return programs as { [At in keyof Names]: Program };
  }

  /** A failure says what was waited for, and what the programs said last. */
  async until<T>(what: string, condition: () => T | Promise<T>, timeoutMs = UNTIL_MS): Promise<NonNullable<T>> {
    try {
      return await waitFor(condition, { timeoutMs, what });
    } catch (error) {
      const tails = this.programs.map((program) => program.tail()).join('\n');
      const { message, cause } = error as Error;
      throw new Error(`${message}${cause === undefined ? '' : ` (${String(cause)})`}\n${tails}`, { cause: error });
    }
  }

  /** How long a rebuild may take: it begins at the store's first event, not at the stage's. */
  get rebuildWithinMs(): number {
    return UNTIL_MS + Number(this.beginning / REBUILT_PER_MS);
  }

  openAccounts(tenants: readonly string[], settings?: AccountSettings): Promise<void> {
    return openAccounts(this.eventStore, tenants, settings);
  }

  setRecipients(recipients: Readonly<Record<string, Recipients>>): Promise<void> {
    return setRecipients(this.eventStore, this.env['DATABASE_URL'] ?? '', recipients);
  }

  publishCdrs(calls: readonly Call[], topic = this.topics.cdr): Promise<void> {
    return this.bus.publish(topic, calls.map(cdrMessage));
  }

  async events(tenant: string): Promise<readonly RecordedEvent[]> {
    const events: RecordedEvent[] = [];
    for await (const page of this.eventStore.readStream(streamOf(tenant))) events.push(...page);
    return events;
  }

  /** Only of tenants on this stage, in a fixed order. */
  async rows(table: (typeof READ_MODEL_TABLES)[number]): Promise<readonly Readonly<Record<string, unknown>>[]> {
    const rows = await this.readStore.db.selectFrom(table).selectAll().where('tenant', 'like', `${this.id}-%`).execute();
    return rows.map((row) => ({ ...row })).toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  }

  listen(...names: readonly (keyof StageTopics)[]): Promise<Listener> {
    return listen(
      this.bus,
      names.map((name) => this.topics[name]),
    ).then((listener) => {
      this.#cleanups.unshift(() => listener.stop());
      return listener;
    });
  }

  /** Messages of the intake that rating has not committed yet. */
  lag(): Promise<bigint> {
    return this.bus.lag(this.groupOf('rating'), [this.topics.cdr]);
  }

  /** What the simulator has in its books, in the order in which it was made. */
  async payments(): Promise<readonly SimulatedPayment[]> {
    const answer = await fetch(`${this.env['PAYMENT_GATEWAY_URL']}/v1/payments`);
    return ((await answer.json()) as { payments: SimulatedPayment[] }).payments;
  }

  /** What the tenant's next new payments meet, one after the other; the last one from then on. */
  async behave(tenant: string, ...behaviours: readonly string[]): Promise<void> {
    const body = JSON.stringify({ behaviours });
    const answer = await fetch(`${this.env['PAYMENT_GATEWAY_URL']}/v1/behaviours/${tenant}`, { method: 'PUT', body });
    if (!answer.ok) throw new Error(`the simulator answered ${answer.status}: ${await answer.text()}`);
  }

  /** Kills what still runs and leaves the engines as they were. */
  async close(): Promise<void> {
    await Promise.all(this.programs.filter((program) => !program.hasExited()).map((program) => program.kill()));
    for (const cleanup of this.#cleanups) await cleanup();
  }
}

export type SimulatedPayment = {
  readonly key: string;
  readonly tenant: string;
  readonly rechargeId: string;
  readonly attempt: number;
  readonly amount: string;
  readonly status: 'paid' | 'declined' | 'processing';
  readonly code?: string;
};

function topicsOf(id: string): StageTopics {
  return {
    cdr: `${id}.cdr`,
    cdrByCall: `${id}.cdr-by-call`,
    deadLetters: `${id}.cdr.dlt`,
    parked: `${id}.cdr.parked`,
    balance: `${id}.balance`,
    alert: `${id}.alert`,
    rechargeCommand: `${id}.recharge-command`,
    rechargeCommandDeadLetters: `${id}.recharge-command.dlt`,
  };
}

async function writeFiles(folder: string, topics: StageTopics, { sources }: StageOptions): Promise<Record<string, string>> {
  const all = sources?.(topics) ?? [{ name: 'switch', topics: [topics.cdr], trustTenantField: true }];
  const files = { SOURCES_FILE: join(folder, 'sources.json') };
  await writeFile(files.SOURCES_FILE, JSON.stringify(all, null, 2));
  return files;
}

type Addresses = { readonly brokers: string; readonly eventStoreUrl: string; readonly databaseUrl: string };

function environment(topics: StageTopics, { brokers, eventStoreUrl, databaseUrl }: Addresses): Record<string, string> {
  return {
    PATH: process.env['PATH'] ?? '',
    KAFKA_BROKERS: brokers,
    KURRENTDB_URL: eventStoreUrl,
    DATABASE_URL: databaseUrl,
    CDR_TOPIC: topics.cdr,
    DEAD_LETTER_TOPIC: topics.deadLetters,
    PARKED_TOPIC: topics.parked,
    BALANCE_TOPIC: topics.balance,
    ALERT_TOPIC: topics.alert,
    RECHARGE_COMMAND_TOPIC: topics.rechargeCommand,
    GATEWAY_TIMEOUT_MS: '1000',
    SWEEP_INTERVAL_MS: '500',
    EXPIRY_SWEEP_MS: '0',
    MINIMUM_PURCHASE: 'EUR=0,USD=0',
    // Mails are sent by those who set SMTP_URL.
    MAIL_FROM: 'Tollkeeper <billing@carrier.example>',
    WEBHOOK_ALLOW_PRIVATE: 'true',
  };
}
