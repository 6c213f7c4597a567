// Between the callers of the stream writer and its rounds: calls for one stream that wait come in, one list of commands goes
// out, and each caller gets the results of its own commands, in one piece, as soon as the last of them is certain.

import type { CommandResult } from './stream-round.js';

type Results<Event, Refusal> = readonly CommandResult<Event, Refusal>[];

type Caller<Command, Event, Refusal> = {
  readonly commands: readonly Command[];
  /** Of its first commands: those that are certain. */
  readonly results: CommandResult<Event, Refusal>[];
  readonly resolve: (results: Results<Event, Refusal>) => void;
  readonly reject: (error: unknown) => void;
};

/** In order of arrival: results come in that order too, so the callers that are done are always the first ones. */
export class Group<Command, Event, Refusal> {
  readonly #callers: Caller<Command, Event, Refusal>[];
  readonly #maxCommands: number;
  #size = 0;
  /** Callers that have all their results. */
  #done = 0;

  constructor(maxCommands: number, callers: Caller<Command, Event, Refusal>[] = []) {
    this.#maxCommands = maxCommands;
    this.#callers = callers;
  }

  hasRoomFor(commands: readonly Command[]): boolean {
    return this.#size + commands.length <= this.#maxCommands;
  }

  /** The first caller may bring more than fits into a round; it then has the group to itself. */
  add(commands: readonly Command[]): Promise<Results<Event, Refusal>> {
    const { promise, resolve, reject } = Promise.withResolvers<Results<Event, Refusal>>();
    this.#callers.push({ commands, results: [], resolve, reject });
    this.#size += commands.length;
    return promise;
  }

  /** What the next round has to decide: commands without a result, at most as many as a round takes. */
  waiting(): readonly Command[] {
    const waiting: Command[] = [];
    for (const { commands, results } of this.#unanswered()) {
      const room = this.#maxCommands - waiting.length;
      if (room <= 0) break;
      for (const command of commands.slice(results.length, results.length + room)) waiting.push(command);
    }
    return waiting;
  }

  /** Results of the first of the waiting commands; with none, the callers that asked for nothing are answered. */
  tell(certain: Results<Event, Refusal>): void {
    let at = 0;
    for (const { commands, results, resolve } of this.#unanswered()) {
      const end = at + commands.length - results.length;
      for (const result of certain.slice(at, end)) results.push(result);
      at = end;
      if (results.length < commands.length) return;
      this.#done += 1;
      resolve(results);
    }
  }

  /** To everyone who has no answer yet. */
  fail(error: unknown): void {
    for (const { reject } of this.#unanswered()) reject(error);
    this.#done = this.#callers.length;
  }

  /** Each caller without an answer in a group of its own, which keeps what is certain of it. */
  apart(): readonly Group<Command, Event, Refusal>[] {
    return this.#unanswered().map((caller) => new Group(this.#maxCommands, [caller]));
  }

  #unanswered(): readonly Caller<Command, Event, Refusal>[] {
    return this.#callers.slice(this.#done);
  }
}
