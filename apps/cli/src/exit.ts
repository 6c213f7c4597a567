// The command line's way out when it cannot go on: what was wrong and what to do, and the exit code that says whose fault it is.

/** 1: something was found, such as a fault in a deck or a debit that differs. 2: asked wrongly. 3: an engine does not answer. */
export const EXIT = { found: 1, usage: 2, engine: 3 } as const;

export class CommandError extends Error {
  constructor(
    message: string,
    readonly exitCode: number = EXIT.usage,
  ) {
    super(message);
    this.name = 'CommandError';
  }
}

/** An engine's error carries a code and says whether trying again may help; anything else is our own mistake. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof CommandError) return error.exitCode;
  return EXIT.engine;
}
