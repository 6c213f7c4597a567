// Operations: what an operator does that changes something, behind the command line and the HTTP API alike.

export type Nothing = never;
