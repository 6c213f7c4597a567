// Runs the rating worker on the bus: checks the topics, consumes the intake and the topics that need re-keying, stops cleanly.

import type { BeforeApplicationShutdown, OnApplicationBootstrap } from '@nestjs/common';
import { DEFAULT_MAX_MESSAGE_BYTES, type Consumer } from '@tollkeeper/message-bus';
import type { Readiness } from '@tollkeeper/program';
import { rekey } from './rekey.js';
import { RatingWorker, type RatingParts } from './rating-worker.js';

export type RatingOptions = RatingParts & {
  readonly intakeTopic: string;
  readonly group: string;
  readonly readiness: Readiness;
  /** Told when a consumer can never go on by itself; the program ends then and is started again. */
  readonly onFatal: (error: unknown) => void;
  readonly onRetry: (error: unknown) => void;
};

/** Messages rated and appended together: enough to fill an append of a hot tenant. */
const MAX_MESSAGES_PER_BATCH = 1_000;
/** A dead letter carries the whole message and headers besides. */
const DEAD_LETTER_SIZE_FACTOR = 2;

export class RatingRunner implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private consumers: readonly Consumer[] = [];

  constructor(private readonly options: RatingOptions) {}

  async onApplicationBootstrap(): Promise<void> {
    await this.checkTopics();
    const { intake, intakeTopic, group } = this.options;
    const sources = [...intake.sources.values()];
    const keyedByTenant = sources.filter(({ keyedBy }) => keyedBy === 'tenant').flatMap(({ topics }) => topics);
    const keyedOtherwise = sources.filter(({ keyedBy }) => keyedBy === 'other').flatMap(({ topics }) => topics);
    const worker = new RatingWorker(this.options);
    const started = [this.consume(group, [...new Set([intakeTopic, ...keyedByTenant])], (batch) => worker.handle(batch))];
    if (keyedOtherwise.length > 0) {
      const topics = { intakeTopic, deadLetterTopic: this.options.topics.deadLetters };
      started.push(this.consume(`${group}-rekey`, keyedOtherwise, (batch) => rekey(batch, intake, this.options.bus, topics)));
    }
    this.consumers = await Promise.all(started);
    for (const consumer of this.consumers) consumer.failed.catch(this.options.onFatal);
  }

  async beforeApplicationShutdown(): Promise<void> {
    await Promise.all(this.consumers.map((consumer) => consumer.stop()));
    await this.options.writer.close();
  }

  private consume(group: string, topics: readonly string[], handle: RatingWorker['handle']): Promise<Consumer> {
    const { bus, readiness, onRetry } = this.options;
    return bus.consume({
      group,
      topics,
      maxMessages: MAX_MESSAGES_PER_BATCH,
      async handle(batch) {
        await handle(batch);
        readiness.set(group, true);
      },
      onError(error) {
        readiness.set(group, false, String(error));
        onRetry(error);
      },
    });
  }

  private async checkTopics(): Promise<void> {
    const { bus, intakeTopic, topics } = this.options;
    const needed = [intakeTopic, topics.deadLetters, topics.parked];
    const described = await Promise.all(needed.map((name) => bus.describeTopic(name)));
    const missing = needed.filter((_, index) => described[index] === undefined);
    if (missing.length > 0)
      throw new Error(`topics missing on the bus: ${missing.join(', ')}; make them (deploy/topics.sh lists how)`);
    const [intake, deadLetters] = described;
    const wanted = (intake?.maxMessageBytes ?? DEFAULT_MAX_MESSAGE_BYTES) * DEAD_LETTER_SIZE_FACTOR;
    if ((deadLetters?.maxMessageBytes ?? 0) < wanted) {
      throw new Error(
        `${topics.deadLetters} takes messages up to ${deadLetters?.maxMessageBytes} bytes; set its max.message.bytes to ${wanted}, twice the intake's, so that every message can be put aside`,
      );
    }
  }
}
