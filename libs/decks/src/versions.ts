// Versions of a plan's rate deck, as its stream `deck-<plan>` tells them: events in, who imported what and which version is
// active at an instant out.

export const DECK_STREAM_PREFIX = 'deck-';

/** The content of a deck stands once, in `deckcontent-<hash>`, whatever plans and times it is active for. */
export type DeckImported = {
  readonly bytes: number;
  readonly chunks: number;
  readonly currencies: readonly string[];
  /** SHA-256 of the deck's canonical CSV. */
  readonly hash: string;
  readonly importedBy: string;
  /** Of the file. */
  readonly name: string;
  readonly plan: string;
  readonly recordedAt: string;
  readonly rows: number;
};

export type DeckActivated = {
  readonly activatedBy: string;
  /** Calls answered from this instant on are rated by it, whenever their CDRs arrive. */
  readonly activeFrom: string;
  readonly hash: string;
  readonly plan: string;
  readonly recordedAt: string;
};

export type DeckEvent =
  | { readonly type: 'DeckImported.v1'; readonly data: DeckImported }
  | { readonly type: 'DeckActivated.v1'; readonly data: DeckActivated };

export type Activation = { readonly activeFrom: string; readonly activatedBy: string; readonly recordedAt: string };

export type DeckVersion = Omit<DeckImported, 'recordedAt' | 'bytes' | 'chunks'> & {
  readonly importedAt: string;
  /** In the order in which they were recorded. */
  readonly activations: readonly Activation[];
};

type ActiveFrom = { readonly fromMs: number; readonly hash: string };

export type DeckHistory = {
  readonly plan: string;
  /** Of the last event; −1 before the first. */
  readonly revision: number;
  readonly versions: readonly DeckVersion[];
  /** By instant, each instant once. */
  readonly timeline: readonly ActiveFrom[];
};

export function emptyHistory(plan: string): DeckHistory {
  return { plan, revision: -1, versions: [], timeline: [] };
}

/** @throws Error for a stored name that no version of this program has written: the reader must not go on. */
export function deckEventOf(stored: { readonly type: string; readonly data: object; readonly stream: string }): DeckEvent {
  if (stored.type === 'DeckImported.v1' || stored.type === 'DeckActivated.v1') return stored as unknown as DeckEvent;
  throw new Error(`${stored.stream} holds ${stored.type}, which this program does not know; a newer one may have written it`);
}

export function applyDeckEvent(history: DeckHistory, { type, data }: DeckEvent): DeckHistory {
  const revision = history.revision + 1;
  if (type === 'DeckImported.v1') {
    const { recordedAt, bytes: _, chunks: __, ...rest } = data;
    return { ...history, revision, versions: [...history.versions, { ...rest, importedAt: recordedAt, activations: [] }] };
  }
  const { activatedBy, activeFrom, hash, recordedAt } = data;
  const versions = history.versions.map((version) =>
    version.hash === hash
      ? { ...version, activations: [...version.activations, { activatedBy, activeFrom, recordedAt }] }
      : version,
  );
  const fromMs = Date.parse(activeFrom);
  const timeline = [...history.timeline.filter((active) => active.fromMs !== fromMs), { fromMs, hash }];
  return { ...history, revision, versions, timeline: timeline.toSorted((left, right) => left.fromMs - right.fromMs) };
}

/**
 * Hash of the version that was activated last before the instant; of two activations from one instant the one recorded later.
 * Active from 1 January and from 1 March, a call answered on 3 February has the first, whenever its CDR comes.
 */
export function hashActiveAt({ timeline }: DeckHistory, instantMs: number): string | undefined {
  return timeline.findLast(({ fromMs }) => fromMs <= instantMs)?.hash;
}
