// Rule tests: past events and a command come in; the events or the refusal that a decider answers are compared.
import assert from 'node:assert/strict';

/** `decide` answers events, one refusal with a code, or no events when there is nothing to do. */
export type Decider<State, Command, Event extends object, Refusal extends Refused> = {
  readonly initialState: State;
  decide(command: Command, state: State): readonly Event[] | Refusal;
  evolve(state: State, event: Event): State;
};

type Refused = { readonly code: string };

export type Given<Command, Event> = { when(command: Command): When<Command, Event> };

export type When<Command, Event> = {
  /** Exactly these events; returns the history with them, so that a story can go on. */
  then(expected: readonly Event[]): Given<Command, Event>;
  /** For what an example does not want to spell out: the check throws when it is not content. */
  thenSatisfies(check: (events: readonly Event[]) => void): Given<Command, Event>;
  thenNothing(): Given<Command, Event>;
  thenRefused(code: string): Given<Command, Event>;
};

/** `const { given } = specFor(account); given([opened]).when(debitCall).then([callDebited]).when(sameAgain).thenNothing()` */
export function specFor<State, Command, Event extends object, Refusal extends Refused>(
  decider: Decider<State, Command, Event, Refusal>,
): { given(events: readonly Event[]): Given<Command, Event> } {
  function given(events: readonly Event[]): Given<Command, Event> {
    return { when: (command) => outcomeOf(events, command) };
  }

  function outcomeOf(events: readonly Event[], command: Command): When<Command, Event> {
    const before = events.reduce((state, event) => decider.evolve(state, event), decider.initialState);
    const answer = decider.decide(command, before);

    function decided(): readonly Event[] {
      if (isEvents(answer)) return answer;
      return assert.fail(`Refused with ${answer.code}, but events were expected: ${show(answer)}`);
    }
    /** Events that the decider itself cannot fold would be the next command's trouble: they are folded here at once. */
    function goOn(next: readonly Event[]): Given<Command, Event> {
      next.reduce((state, event) => decider.evolve(state, event), before);
      return given([...events, ...next]);
    }

    return {
      // Given, when, then is what everybody calls it; nothing here is awaited.
      // oxlint-disable-next-line unicorn/no-thenable
      then(expected) {
        assert.deepStrictEqual(decided(), expected);
        return goOn(expected);
      },
      thenSatisfies(check) {
        check(decided());
        return goOn(decided());
      },
      thenNothing() {
        assert.deepStrictEqual(decided(), [], 'Nothing was expected to happen');
        return goOn([]);
      },
      thenRefused(code) {
        if (isEvents(answer)) assert.fail(`Events were decided, but the refusal ${code} was expected: ${show(answer)}`);
        assert.equal(answer.code, code);
        return given(events);
      },
    };
  }

  return { given };
}

function isEvents<Event>(answer: readonly Event[] | Refused): answer is readonly Event[] {
  return Array.isArray(answer);
}

/** Amounts are bigint, which JSON cannot show by itself. */
function show(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) => (typeof part === 'bigint' ? `${part}n` : part));
}
