// Rule tests: given/when/then itself, on a counter that refuses to go below zero.
import { AssertionError } from 'node:assert';
import { describe, expect, test } from '@jest/globals';
import { specFor } from './decider.js';

type Event = { readonly type: 'Added' | 'Taken'; readonly amount: bigint };
type Command = { readonly type: 'add' | 'take'; readonly amount: bigint };

const counter = {
  initialState: 0n,
  decide(command: Command, state: bigint): readonly Event[] | { code: string } {
    if (command.amount === 0n) return [];
    if (command.type === 'add') return [{ type: 'Added', amount: command.amount }];
    return command.amount > state ? { code: 'too-little' } : [{ type: 'Taken', amount: command.amount }];
  },
  evolve: (state: bigint, event: Event) => (event.type === 'Added' ? state + event.amount : state - event.amount),
};
const { given } = specFor(counter);
const added: Event = { type: 'Added', amount: 5n };
const take = (amount: bigint): Command => ({ type: 'take', amount });

describe('given, when, then', () => {
  test('a story goes on with the events it has decided', () => {
    given([added])
      .when(take(3n))
      .then([{ type: 'Taken', amount: 3n }])
      .when(take(3n))
      .thenRefused('too-little')
      .when(take(2n))
      .thenSatisfies((events) => expect(events).toHaveLength(1))
      .when(take(0n))
      .thenNothing();
  });

  test.each([
    ['other events', () => given([added]).when(take(3n)).then([added])],
    ['fewer events', () => given([added]).when(take(3n)).then([])],
    ['a refusal instead of events', () => given([]).when(take(3n)).then([])],
    ['a refusal instead of nothing', () => given([]).when(take(3n)).thenNothing()],
    ['events instead of nothing', () => given([added]).when(take(3n)).thenNothing()],
    ['events instead of a refusal', () => given([added]).when(take(3n)).thenRefused('too-little')],
    ['nothing instead of a refusal', () => given([added]).when(take(0n)).thenRefused('too-little')],
    ['another refusal', () => given([]).when(take(3n)).thenRefused('too-much')],
  ])('%s fails', (_what, run) => {
    expect(run).toThrow(AssertionError);
  });

  test('events that the decider cannot fold fail where they are decided', () => {
    const broken = {
      ...counter,
      evolve: () => {
        throw new Error('cannot fold');
      },
    };
    expect(() =>
      specFor(broken)
        .given([])
        .when({ type: 'add', amount: 1n })
        .then([{ type: 'Added', amount: 1n }]),
    ).toThrow('cannot fold');
  });
});
