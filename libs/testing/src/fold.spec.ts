// Fold tests: the comparison itself, on folds that are right, wrong, and not repeatable.
import { describe, expect, test } from '@jest/globals';
import { foldSpec } from './fold.js';

describe('a fold', () => {
  const sum = { initialRow: { total: 0 }, fold: (row: { total: number }, event: number) => ({ total: row.total + event }) };

  test('gives the row of its events', () => {
    foldSpec(sum).given([1, 2, 3]).thenRow({ total: 6 });
    foldSpec(sum).given([]).thenRow({ total: 0 });
  });

  test('fails on another row', () => {
    expect(() => foldSpec(sum).given([1, 2]).thenRow({ total: 4 })).toThrow('The row folded from the events differs');
  });

  test('fails when a second run differs', () => {
    const changing = {
      initialRow: { total: 0 },
      fold(row: { total: number }, event: number) {
        row.total += event;
        return row;
      },
    };
    expect(() => foldSpec(changing).given([1, 2]).thenRow({ total: 3 })).toThrow('The second run');
  });
});
