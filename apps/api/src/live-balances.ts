// Balance step, live: one subscription of the event store comes in, each tenant's balance changes go out to its listeners.
//
// What if a listener goes away? It names the last revision it has seen and gets what stands after it. We die? The same.

import type { ServerResponse } from 'node:http';
import { lastEvent, type EventStore, type RecordedEvent } from '@tollkeeper/event-store';
import { STREAM_PREFIX, streamOf, tenantOf } from '@tollkeeper/ledger';
import { balance, balanceMessage, placed } from '@tollkeeper/projections';
import type { ReadStore } from '@tollkeeper/read-store';
import { LiveClient, type Frame } from './live-client.js';
import type { ApiParts, ReadTables } from './parts.js';
import { problem, refusedByLedger } from './problem.js';

const MAX_LIVE_CLIENTS = 1_000;
const HEARTBEAT_MS = 15_000;
const MAX_BATCH_EVENTS = 1_000;

export class LiveBalances {
  readonly #eventStore: EventStore;
  readonly #readStore: ReadStore<ReadTables>;
  readonly #logger: ApiParts['logger'];
  readonly #clients = new Map<string, Set<LiveClient>>();
  #clientCount = 0;
  /** The running subscription; there is one while somebody listens. */
  #feed: AbortController | undefined;
  #heartbeat: NodeJS.Timeout | undefined;
  #closing = false;

  constructor({ eventStore, readStore, logger }: Pick<ApiParts, 'eventStore' | 'readStore' | 'logger'>) {
    this.#eventStore = eventStore;
    this.#readStore = readStore;
    this.#logger = logger;
  }

  /**
   * Resolves once the listener is live; `open` takes the connection over when nothing can be refused any more. Without a last
   * revision it begins with the balance as it is.
   */
  async listen(tenant: string, lastRevision: number | undefined, open: () => ServerResponse): Promise<void> {
    if (this.#closing) throw problem('shutting-down', 'The service is stopping; connect again.');
    if (this.#clientCount >= MAX_LIVE_CLIENTS) throw problem('too-busy', `${MAX_LIVE_CLIENTS} listeners are connected already.`);
    const last = await this.#lastOf(tenant);
    if (lastRevision !== undefined && lastRevision > last.revision) {
      const detail = `Last-Event-ID ${lastRevision} is ahead of ${last.stream}, which ends at ${last.revision}; connect without it.`;
      throw problem('revision-ahead', detail);
    }
    const next = lastRevision === undefined ? await this.#lastMovement(tenant) : lastRevision + 1;
    const client = new LiveClient(open(), next, (fromRevision) => this.#frames(tenant, fromRevision));
    client.begin();
    try {
      await client.readUp();
      const after = await this.#startingPoint(last.position);
      // From here on no event passes unseen: it is either delivered by the feed or stands where `goLive` reads up to.
      if (this.#closing || client.closed.aborted) return client.end();
      this.#join(tenant, client, after);
      await client.goLive();
    } catch (error) {
      this.#logger.warn({ tenant, error }, 'A live balance was cut; its listener will resume');
      client.cut();
    }
  }

  /** Ends every connection; listeners reconnect elsewhere, or here after a restart. */
  close(): void {
    this.#closing = true;
    this.#endAll();
  }

  async #lastOf(tenant: string): Promise<RecordedEvent> {
    const last = await lastEvent(this.#eventStore, streamOf(tenant));
    if (last !== undefined) return last;
    throw refusedByLedger({ code: 'account-not-open', reason: `tenant ${tenant} has no account; open one first` });
  }

  /** Revision of the last event that moved the balance; the account's opening counts as one. */
  async #lastMovement(tenant: string): Promise<number> {
    for await (const page of this.#eventStore.readStream(streamOf(tenant), { backwards: true })) {
      const moved = page.find((event) => balanceMessage(placed(event)) !== undefined);
      if (moved !== undefined) return moved.revision;
    }
    return 0;
  }

  async *#frames(tenant: string, fromRevision: number): AsyncGenerator<Frame> {
    for await (const page of this.#eventStore.readStream(streamOf(tenant), { fromRevision })) yield* page.map(frameOf);
  }

  /** As late as is safe, because everything after it is read: where the projection stands, or the tenant's own last event. */
  async #startingPoint(lastPosition: bigint): Promise<bigint> {
    const checkpoint = await this.#readStore.checkpoint(balance.name).catch(() => undefined);
    return checkpoint !== undefined && checkpoint > lastPosition ? checkpoint : lastPosition;
  }

  #join(tenant: string, client: LiveClient, after: bigint): void {
    const listeners = this.#clients.get(tenant) ?? new Set();
    this.#clients.set(tenant, listeners.add(client));
    this.#clientCount += 1;
    client.closed.addEventListener('abort', () => this.#leave(tenant, client));
    if (this.#feed !== undefined) return;
    this.#feed = new AbortController();
    this.#heartbeat = setInterval(() => this.#forEachClient((listener) => listener.heartbeat()), HEARTBEAT_MS);
    void this.#run(after, this.#feed);
  }

  #leave(tenant: string, client: LiveClient): void {
    const listeners = this.#clients.get(tenant);
    if (listeners?.delete(client) !== true) return;
    if (listeners.size === 0) this.#clients.delete(tenant);
    this.#clientCount -= 1;
    if (this.#clientCount === 0) this.#stopFeed();
  }

  async #run(after: bigint, feed: AbortController): Promise<void> {
    try {
      const options = { after, streamPrefix: STREAM_PREFIX, maxBatch: MAX_BATCH_EVENTS, signal: feed.signal };
      for await (const { events } of this.#eventStore.subscribe(options)) for (const event of events) this.#fanOut(event);
    } catch (error) {
      this.#logger.error({ error }, 'The live balance lost its subscription; listeners are cut and will resume');
    }
    if (this.#feed === feed) this.#endAll();
  }

  #fanOut(event: RecordedEvent): void {
    const tenant = tenantOf(event.stream);
    const listeners = this.#clients.get(tenant);
    if (listeners === undefined) return;
    try {
      const frame = frameOf(event);
      for (const client of listeners) client.offer(frame);
    } catch (error) {
      this.#logger.error({ tenant, error }, 'An event of the live balance cannot be read; its listeners are cut');
      for (const client of listeners) client.cut();
    }
  }

  #endAll(): void {
    this.#stopFeed();
    this.#forEachClient((client) => client.end());
  }

  #stopFeed(): void {
    clearInterval(this.#heartbeat);
    this.#feed?.abort();
    this.#feed = undefined;
  }

  #forEachClient(act: (client: LiveClient) => void): void {
    for (const listeners of this.#clients.values()) for (const client of listeners) act(client);
  }
}

function frameOf(event: RecordedEvent): Frame {
  const message = balanceMessage(placed(event));
  const { revision } = event;
  if (message === undefined) return { revision, text: undefined };
  return { revision, text: `id: ${revision}\nevent: balance\ndata: ${JSON.stringify(message.data)}\n\n` };
}
