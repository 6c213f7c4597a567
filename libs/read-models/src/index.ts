// Read models as they stand in a read store: their tables, and what folds the ledger's events into them.

export type Nothing = never;
