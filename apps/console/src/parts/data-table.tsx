// Rows in columns: scrolls sideways within itself, so that the page never does; figures stand at the right.

import { Table } from '@mantine/core';
import type { ReactNode } from 'react';

export type Column<Row> = {
  readonly head: ReactNode;
  readonly cell: (row: Row) => ReactNode;
  readonly isFigure?: boolean;
  /** Names its row for screen readers. */
  readonly isRowHead?: boolean;
};

type DataTableProps<Row> = {
  /** What the table is of, for who does not see it. */
  readonly label: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly keyOf: (row: Row, place: number) => string | number;
  readonly minWidth?: number;
  /** Scrolls within itself, where there may be hundreds of rows beside other things. */
  readonly isTall?: boolean;
};

export function DataTable<Row>({ label, columns, rows, keyOf, minWidth = 480, isTall = false }: DataTableProps<Row>): ReactNode {
  return (
    <div className={isTall ? 'scrolls tall' : 'scrolls'} role="group" aria-label={label} tabIndex={0}>
      <Table verticalSpacing={6} horizontalSpacing="sm" highlightOnHover style={{ minWidth }} aria-label={label}>
        <Table.Thead>
          <Table.Tr>
            {columns.map(({ head, isFigure = false }, place) => (
              <Table.Th key={place} scope="col" className={isFigure ? 'right' : undefined}>
                {head}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map((row, place) => (
            <Table.Tr key={keyOf(row, place)}>
              {columns.map(({ cell, isFigure = false, isRowHead = false }, column) =>
                isRowHead ? (
                  <Table.Th key={column} scope="row" className="row-head">
                    {cell(row)}
                  </Table.Th>
                ) : (
                  <Table.Td key={column} className={isFigure ? 'right' : undefined}>
                    {cell(row)}
                  </Table.Td>
                ),
              )}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </div>
  );
}
