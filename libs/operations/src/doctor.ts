// The doctor's way of looking: checks come in, each by itself; findings go out, one line each. A check that fails or hangs is a finding
// of its own and hides no other.

export type Level = 'ok' | 'warning' | 'fault';

export type Finding = {
  readonly level: Level;
  /** What was looked at, such as `topic telephony.cdr.v1`. */
  readonly about: string;
  readonly says: string;
  /** Unless all is well. */
  readonly todo?: string;
  /** Something does not answer at all. */
  readonly isAway?: boolean;
};

export type Check = { readonly about: string; look(): Promise<readonly Finding[]> };

const LOOK_WITHIN_MS = 10_000;

/** One after the other, so that each has the engines for itself and a latency says something. */
export async function* examine(checks: readonly Check[], withinMs = LOOK_WITHIN_MS): AsyncGenerator<Finding> {
  for (const { about, look } of checks) yield* await lookedAt(about, look, withinMs);
}

async function lookedAt(about: string, look: Check['look'], withinMs: number): Promise<readonly Finding[]> {
  const { promise: late, resolve } = Promise.withResolvers<readonly Finding[]>();
  const says = `gave no answer within ${withinMs / 1_000} s`;
  const timer = setTimeout(() => resolve([fault(about, says, 'see whether it is running and can be reached', true)]), withinMs);
  try {
    return await Promise.race([look(), late]);
  } catch (error) {
    const { message = String(error), code } = error as { readonly message?: string; readonly code?: string };
    const isAway = code === 'unavailable' || code === 'closed';
    // What was wrong often says what to do already.
    return [isAway ? fault(about, message, 'start it, or correct its address', true) : { level: 'fault', about, says: message }];
  } finally {
    clearTimeout(timer);
  }
}

export function ok(about: string, says: string): Finding {
  return { level: 'ok', about, says };
}

export function warning(about: string, says: string, todo: string): Finding {
  return { level: 'warning', about, says, todo };
}

export function fault(about: string, says: string, todo: string, isAway = false): Finding {
  return { level: 'fault', about, says, todo, ...(isAway ? { isAway } : {}) };
}
