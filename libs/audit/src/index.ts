// Audit: the ledger's streams, read by somebody who asks what happened, why, and whether it is right.

export type Nothing = never;
