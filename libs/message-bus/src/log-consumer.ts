// One member of a group on an embedded log: reads every partition that falls to it, hands out batches, commits what is done.
// The same message comes twice only when the process ends between `handle` and the commit behind it, or when `handle` throws.
import { setImmediate as nextTurn } from 'node:timers/promises';
import { backoffMs, pause } from './backoff.js';
import { type MessageLog } from './log-bus.js';
import { type Batch, type ConsumeOptions, type Consumer } from './message-bus.js';

/** Wakes everyone who waits for work. */
export class Bell {
  #next = Promise.withResolvers<void>();
  readonly #timer: NodeJS.Timeout | undefined;

  /** With `everyMs` it also rings by itself, for messages that another process wrote. */
  constructor(everyMs?: number) {
    if (everyMs !== undefined) this.#timer = setInterval(() => this.ring(), everyMs);
  }

  /** Ask for it before looking for work: a ring in between is then not missed. */
  rung(): Promise<void> {
    return this.#next.promise;
  }

  ring(): void {
    const { resolve } = this.#next;
    this.#next = Promise.withResolvers();
    resolve();
  }

  close(): void {
    clearInterval(this.#timer);
  }
}

/** Who is in which group, and which partitions are in somebody's hand just now. */
export type LogGroups = { readonly members: Map<string, object[]>; readonly claims: Set<string> };

export function consumeLog(log: MessageLog, bell: Bell, groups: LogGroups, options: ConsumeOptions): Consumer {
  const member = {};
  const stopping = new AbortController();
  const partitions = options.topics.flatMap((topic) =>
    Array.from({ length: log.describe(topic)?.partitions ?? 0 }, (_, partition) => ({ topic, partition })),
  );
  for (const { topic, partition } of partitions) beginAt(log, options, topic, partition);
  for (const topic of options.topics) membersOf(groups, options.group, topic).push(member);
  bell.ring();
  const loops = partitions.map((place) => readPartition(log, bell, groups, options, member, place, stopping.signal));
  const failed = Promise.withResolvers<never>();
  failed.promise.catch(() => undefined);
  const ended = Promise.all(loops).catch(failed.reject);
  return {
    failed: failed.promise,
    stop: async () => {
      stopping.abort();
      bell.ring();
      await ended;
      for (const topic of options.topics) {
        const members = membersOf(groups, options.group, topic);
        if (members.includes(member)) members.splice(members.indexOf(member), 1);
      }
      bell.ring();
    },
  };
}

/** A group's place is kept from its first day, so that `latest` means the moment of this call and lag is exact. */
function beginAt(log: MessageLog, { group, from }: ConsumeOptions, topic: string, partition: number): void {
  if (log.committed(group, topic, partition) !== undefined) return;
  const { first, next } = log.bounds(topic, partition);
  log.commit(group, topic, partition, from === 'latest' ? next : first);
}

type Place = { readonly topic: string; readonly partition: number };

async function readPartition(
  log: MessageLog,
  bell: Bell,
  groups: LogGroups,
  options: ConsumeOptions,
  member: object,
  { topic, partition }: Place,
  signal: AbortSignal,
): Promise<void> {
  const claim = JSON.stringify([options.group, topic, partition]);
  const members = membersOf(groups, options.group, topic);
  const isMine = (): boolean => members[partition % members.length] === member;
  let failures = 0;
  while (!signal.aborted) {
    const rung = bell.rung();
    // Whoever had the partition before a member came or went finishes the batch in hand first.
    if (!isMine() || groups.claims.has(claim)) {
      await rung;
      continue;
    }
    groups.claims.add(claim);
    let moved = false;
    try {
      moved = await handOut(log, options, topic, partition);
      failures = 0;
    } catch (error) {
      failures += 1;
      options.onError?.(error);
    } finally {
      groups.claims.delete(claim);
    }
    if (!isMine()) bell.ring();
    if (failures > 0) await pause(backoffMs(failures), signal);
    else if (moved) await nextTurn();
    else await rung;
  }
}

/** False when there was nothing to do. */
async function handOut(log: MessageLog, options: ConsumeOptions, topic: string, partition: number): Promise<boolean> {
  const { group, maxMessages } = options;
  const committed = log.committed(group, topic, partition) ?? 0n;
  const messages = log.read(topic, partition, committed, maxMessages);
  const last = messages.at(-1);
  if (!last) return false;
  let inHand = true;
  const batch: Batch = { topic, partition, messages, isOwned: () => inHand, heartbeat: async () => undefined };
  try {
    await options.handle(batch);
  } finally {
    inHand = false;
  }
  log.commit(group, topic, partition, last.offset + 1n);
  return true;
}

function membersOf(groups: LogGroups, group: string, topic: string): object[] {
  const key = JSON.stringify([group, topic]);
  const members = groups.members.get(key) ?? [];
  groups.members.set(key, members);
  return members;
}
