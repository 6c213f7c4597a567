// Around the work of every program: what to start comes in; the process runs until a signal, and exits with the right code.
import type { Logger } from './logger.js';

/** SIGTERM drains and exits within this; orchestrators kill later (Kubernetes after 30 s, Docker after 10 s). */
export const STOP_WITHIN_MS = 5_000;

export type Running = {
  /** Stops taking work, finishes what is in hand, closes. */
  stop(): Promise<void>;
  /** For a program that also ends by itself: resolves when done, rejects when it must not go on. */
  readonly finished?: Promise<void>;
};

/**
 * Starts, waits for SIGTERM or SIGINT, stops, exits 0. Exits 1 when the start fails, when stopping fails or takes more
 * than `STOP_WITHIN_MS`, at a second signal, and when an error reaches the process: then its state can no longer be
 * trusted, and what was not acknowledged comes again. `start` is given a signal that ends its own waiting.
 */
export async function runUntilSignal(start: (signal: AbortSignal) => Promise<Running>, logger: Logger): Promise<never> {
  const stopping = new AbortController();
  const exit = (code: number): never => {
    logger.flush();
    return process.exit(code);
  };
  const die = (error: unknown, what: string): never => {
    logger.fatal({ error }, what);
    return exit(1);
  };
  process.on('uncaughtException', (error) => die(error, 'An error that nobody handled ends the process'));
  process.on('unhandledRejection', (error) => die(error, 'A rejection that nobody handled ends the process'));

  const signalled = new Promise<void>((resolve) => {
    const onSignal = (name: NodeJS.Signals): void => {
      if (stopping.signal.aborted) die(undefined, `${name} again: ending without waiting`);
      logger.info(`${name}: stopping`);
      stopping.abort(new Error(`${name} received`));
      setTimeout(() => die(undefined, `Stopping took more than ${STOP_WITHIN_MS} ms`), STOP_WITHIN_MS);
      resolve();
    };
    process.on('SIGTERM', onSignal).on('SIGINT', onSignal);
  });

  try {
    const running = await start(stopping.signal);
    await Promise.race([signalled, ...(running.finished ? [running.finished] : [])]);
    await running.stop();
  } catch (error) {
    // A start that gives up because of the signal has done what it was told.
    if (error === stopping.signal.reason && error !== undefined) return exit(0);
    return die(error, 'The program failed');
  }
  logger.info('Stopped');
  return exit(0);
}
