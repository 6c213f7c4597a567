// Fold tests: events come in; the read model's row is compared, after two runs that must agree.
import assert from 'node:assert/strict';

export type Fold<Row, Event> = {
  readonly initialRow: Row;
  fold(row: Row, event: Event): Row;
};

export type GivenEvents<Row> = {
  thenRow(expected: Row): void;
};

/** `foldSpec(balance).given([opened, purchased]).thenRow({ … })` */
export function foldSpec<Row, Event>(fold: Fold<Row, Event>): { given(events: readonly Event[]): GivenEvents<Row> } {
  return {
    given(events) {
      const run = (): Row => events.reduce((row, event) => fold.fold(row, event), fold.initialRow);
      return {
        // A rebuild must give the same row as the live run: a fold that keeps or changes anything outside its row,
        // its initial row included, shows in the second one.
        thenRow(expected) {
          assert.deepStrictEqual(run(), expected, 'The row folded from the events differs');
          assert.deepStrictEqual(run(), expected, 'The second run of the same fold gives another row');
        },
      };
    },
  };
}
