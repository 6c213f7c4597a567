// What the doctor asks of engines: do they answer and how fast, do the topics hold what they must, do the clocks agree, is there room.

import { statfs } from 'node:fs/promises';
import type { MessageBus } from '@tollkeeper/message-bus';
import type { Tables } from '@tollkeeper/read-models';
import type { ReadStore } from '@tollkeeper/read-store';
import { fault, ok, warning, type Check, type Finding } from './doctor.js';

type Engine = { readonly kind?: string; ping(): Promise<void> };

/** Opening it may take a moment; an answer should not. */
export function engineAnswers(about: string, open: () => Promise<Engine>): Check {
  return {
    about,
    async look() {
      const engine = await open();
      const startedAt = performance.now();
      await engine.ping();
      const tookMs = performance.now() - startedAt;
      const says = `answers in ${tookMs.toFixed(1)} ms${engine.kind === undefined ? '' : ` (${engine.kind})`}`;
      if (tookMs < SLOW_MS) return [ok(about, says)];
      return [warning(about, says, 'a debit waits for it several times: see what keeps it busy, or how far away it is')];
    },
  };
}

const SLOW_MS = 250;

export type Topics = {
  readonly cdr: string;
  readonly deadLetters: string;
  readonly parked: string;
  readonly others: readonly string[];
};

const DAY_MS = 86_400_000;
const LEAST_CDR_RETENTION_MS = 3 * DAY_MS;

export function topicsStand(bus: () => Promise<MessageBus>, topics: Topics): Check {
  return {
    about: 'topics',
    async look() {
      const names = [topics.cdr, topics.deadLetters, topics.parked, ...topics.others];
      const described = await Promise.all(names.map(async (name) => (await bus()).describeTopic(name)));
      const findings = names.flatMap((name, at): readonly Finding[] => {
        const topic = described[at];
        const make = `make it: deploy/topics.sh, or a setting names another`;
        if (topic === undefined) return [fault(`topic ${name}`, 'does not exist', make)];
        const { partitions, maxMessageBytes, retentionMs } = topic;
        const kept = Number.isFinite(retentionMs) ? `for ${(retentionMs / DAY_MS).toFixed(1)} days` : 'for ever';
        const says = `${partitions} partitions, messages up to ${maxMessageBytes} bytes, kept ${kept}`;
        const isPutAside = name === topics.deadLetters || name === topics.parked;
        if (isPutAside && Number.isFinite(retentionMs)) {
          return [fault(`topic ${name}`, says, 'what is put aside would be lost: set retention.ms to -1')];
        }
        if (name === topics.cdr && retentionMs < LEAST_CDR_RETENTION_MS) {
          return [warning(`topic ${name}`, says, 'an outage over a weekend would lose CDRs: set retention.ms to some days')];
        }
        return [ok(`topic ${name}`, says)];
      });
      const [intake, ...putAside] = described.slice(0, 3);
      for (const topic of putAside) {
        const needed = 2 * (intake?.maxMessageBytes ?? 0);
        if (topic === undefined || topic.maxMessageBytes >= needed) continue;
        const says = `takes messages up to ${topic.maxMessageBytes} bytes; letters may have ${needed}, twice the intake's`;
        findings.push(fault(`topic ${topic.name}`, says, `set max.message.bytes to ${needed}`));
      }
      return findings;
    },
  };
}

export function intakeKeepsUp(bus: () => Promise<MessageBus>, topic: string, group: string): Check {
  const about = 'intake';
  return {
    about,
    async look() {
      const lag = await (await bus()).lag(group, [topic]);
      const says = `${lag} CDRs of ${topic} wait for the group ${group}`;
      if (lag < MANY_WAITING) return [ok(about, says)];
      return [warning(about, says, 'see whether rating is running and ready; it may have several instances')];
    },
  };
}

const MANY_WAITING = 10_000n;

/** Only PostgreSQL tells its time; the newest row tells that of whoever recorded it. */
export function clocksAgree(readStore: () => Promise<ReadStore<Tables>>, nowMs: () => number): Check {
  const about = 'clock';
  return {
    about,
    async look() {
      const store = await readStore();
      const findings: Finding[] = [];
      if (store.kind === 'postgres') {
        const before = nowMs();
        const row = await store.db
          .selectNoFrom((select) => select.fn<Date>('clock_timestamp', []).as('now'))
          .executeTakeFirstOrThrow();
        const skewMs = Math.round(new Date(row.now).getTime() - (before + nowMs()) / 2);
        findings.push(skewOf('clock of PostgreSQL', skewMs));
      }
      const newest = await store.db
        .selectFrom('balance')
        .select((of) => of.fn.max('recorded_at').as('at'))
        .executeTakeFirst();
      const aheadMs = newest?.at == null ? 0 : Date.parse(newest.at) - nowMs();
      if (aheadMs > MAX_SKEW_MS) {
        const says = `an event was recorded ${Math.round(aheadMs / 1_000)} s in this machine's future`;
        findings.push(
          fault('clock of whoever records', says, 'let all machines keep time by NTP; an account never goes back in time'),
        );
      }
      return findings.length > 0 ? findings : [ok(about, 'nothing was recorded in the future of this machine')];
    },
  };
}

const MAX_SKEW_MS = 2_000;

function skewOf(about: string, skewMs: number): Finding {
  const says = `${Math.abs(skewMs)} ms ${skewMs < 0 ? 'behind' : 'ahead of'} this machine's`;
  if (Math.abs(skewMs) <= MAX_SKEW_MS) return ok(about, says);
  return fault(about, says, 'let both machines keep time by NTP; appends with a deadline fail on a clock that is behind');
}

const [LEAST_BYTES, FEW_BYTES] = [200 * 1_048_576, 2 * 1_073_741_824];

export function hasRoom(folder: string): Check {
  const about = `disk of ${folder}`;
  return {
    about,
    async look() {
      const { bavail, bsize } = await statfs(folder);
      const bytes = bavail * bsize;
      const says = `${(bytes / 1_073_741_824).toFixed(1)} GiB free`;
      if (bytes < LEAST_BYTES) return [fault(about, says, 'free space now: without it nothing is recorded')];
      if (bytes < FEW_BYTES) return [warning(about, says, 'free space, or move the folder')];
      return [ok(about, says)];
    },
  };
}
