// What the API answers about how it runs, as the page reads it.

export type Rebuild = {
  readonly name: string;
  readonly state: 'running' | 'done' | 'failed';
  readonly events: number;
  readonly total: number | null;
  readonly startedAt: string;
  readonly finishedAt: string | null;
  readonly error: string | null;
};

export type Check = {
  readonly name: string;
  readonly checked: number;
  readonly differ: number;
  /** Why nothing was checked. */
  readonly notChecked?: string;
  readonly remarks?: readonly string[];
  /** The first of those that differ. */
  readonly differences?: readonly {
    readonly stream: string | null;
    readonly revision: number | null;
    readonly found: string;
    readonly advice: string;
  }[];
};

export type Verification = {
  readonly state: 'running' | 'done' | 'failed';
  /** Null: all. */
  readonly tenant: string | null;
  readonly startedAt: string;
  readonly finishedAt: string | null;
  readonly checks: readonly Check[];
  readonly error: string | null;
};

export type ReadModel = {
  readonly name: string;
  readonly lagEvents: number;
  readonly setAside: readonly { readonly tenant: string; readonly revision: number; readonly reason: string }[];
};

export type Operations = {
  readonly readModels: readonly ReadModel[];
  readonly intake: { readonly topic: string; readonly lag: number | null };
  readonly deadLetters: {
    readonly total: number;
    readonly byCode: readonly { readonly code: string; readonly count: number }[];
  };
  readonly rebuilds: readonly Rebuild[];
  readonly verification: Verification | null;
};

export type DeadLetter = {
  readonly id: string;
  readonly tenant: string | null;
  readonly code: string;
  readonly reason: string;
  readonly putAsideAt: string;
};

export type DeadLettersPage = { readonly letters: readonly DeadLetter[]; readonly next: string | null };

export type LetterInFull = DeadLetter & {
  readonly discarded: { readonly author: string; readonly reason: string; readonly at: string } | null;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string | null;
  readonly base64: string | null;
};
