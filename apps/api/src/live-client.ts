// Live balance, one listener: balance frames come in, server-sent events go out over one connection, each revision once and none missed.

import type { ServerResponse } from 'node:http';

/** What may wait in this process for one listener; a slower one is cut and resumes by its Last-Event-ID. */
const MAX_BUFFERED_BYTES = 262_144;
export const MAX_HELD_FRAMES = 1_000;
/** How long a listener that reads up may leave a full buffer standing. */
const SLOW_CLIENT_MS = 10_000;
const RECONNECT_AFTER_MS = 2_000;

/** One event of the tenant; `text` is undefined when it left the balance as it was. */
export type Frame = { readonly revision: number; readonly text: string | undefined };

/** Reads the tenant's frames from a revision to the end of the stream. */
export type ReadFrames = (fromRevision: number) => AsyncIterable<Frame>;

export class LiveClient {
  readonly #response: ServerResponse;
  readonly #read: ReadFrames;
  readonly #closed = new AbortController();
  #nextRevision: number;
  /** Frames that came while older ones were being read; undefined when live. */
  #held: Frame[] | undefined = [];

  constructor(response: ServerResponse, nextRevision: number, read: ReadFrames) {
    this.#response = response;
    this.#nextRevision = nextRevision;
    this.#read = read;
    response.on('close', () => this.#closed.abort());
    response.on('error', () => this.#closed.abort());
  }

  /** Aborted when the connection is gone, whoever ended it. */
  get closed(): AbortSignal {
    return this.#closed.signal;
  }

  begin(): void {
    const headers = { 'content-type': 'text/event-stream', 'cache-control': 'no-store', 'x-accel-buffering': 'no' };
    this.#response.writeHead(200, headers);
    this.#response.write(`retry: ${RECONNECT_AFTER_MS}\n\n`);
  }

  /** Sends what the stream holds from the next revision on. Without haste: the listener's pace is the reader's. */
  async readUp(): Promise<void> {
    for await (const frame of this.#read(this.#nextRevision)) {
      if (this.closed.aborted) return;
      this.#send(frame);
      if (this.#response.writableNeedDrain) await this.#drained();
    }
  }

  /** Sends what was held back meanwhile; from now on frames go out as they come. */
  async goLive(): Promise<void> {
    await this.readUp();
    for (;;) {
      const held = this.#held ?? [];
      this.#held = undefined;
      if (held.every((frame) => this.#offerNow(frame))) return;
      // A revision was missed, as when the store answers reads a little behind its subscription: it is read again.
      this.#held = [];
      await this.readUp();
    }
  }

  /** One event after another, of this tenant. */
  offer(frame: Frame): void {
    if (this.closed.aborted) return;
    if (this.#held !== undefined) {
      if (this.#held.length < MAX_HELD_FRAMES) this.#held.push(frame);
      else this.cut();
      return;
    }
    if (this.#offerNow(frame)) return;
    this.#held = [frame];
    this.goLive().catch(() => this.cut());
  }

  heartbeat(): void {
    if (!this.closed.aborted) this.#response.write(':\n\n');
  }

  end(): void {
    this.#response.end();
  }

  /** Without ceremony: what was written and not yet sent is lost, and read again after the reconnect. */
  cut(): void {
    this.#response.destroy();
    this.#closed.abort();
  }

  #offerNow(frame: Frame): boolean {
    if (frame.revision > this.#nextRevision) return false;
    this.#send(frame);
    if (this.#response.writableLength > MAX_BUFFERED_BYTES) this.cut();
    return true;
  }

  #send({ revision, text }: Frame): void {
    if (revision < this.#nextRevision) return;
    this.#nextRevision = revision + 1;
    if (text !== undefined) this.#response.write(text);
  }

  #drained(): Promise<void> {
    return new Promise((resolve) => {
      const tooSlow = setTimeout(() => this.cut(), SLOW_CLIENT_MS);
      const done = (): void => {
        clearTimeout(tooSlow);
        this.#response.off('drain', done);
        this.closed.removeEventListener('abort', done);
        resolve();
      };
      this.#response.once('drain', done);
      this.closed.addEventListener('abort', done);
      if (this.closed.aborted) done();
    });
  }
}
