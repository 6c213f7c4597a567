// Around the work of every program: what happens comes in; JSON lines on stderr go out.
import { pino } from 'pino';
import type { DestinationStream, Logger } from 'pino';

const DEFAULT_LEVEL = 'info';

export type { Logger };

/** stdout belongs to what a program prints for its user. Lines are written synchronously: the last one says why it ended. */
export function createLogger(
  program: string,
  { level = process.env['LOG_LEVEL'] || DEFAULT_LEVEL, destination }: LoggerOptions = {},
): Logger {
  const known = level === 'silent' || level in pino.levels.values;
  const logger = pino(
    {
      name: program,
      level: known ? level : DEFAULT_LEVEL,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { error: pino.stdSerializers.errWithCause, err: pino.stdSerializers.errWithCause },
    },
    destination ?? pino.destination({ dest: 2, sync: true }),
  );
  if (!known)
    logger.warn(`LOG_LEVEL ${level} is none of silent, ${Object.keys(pino.levels.values).join(', ')}; using ${DEFAULT_LEVEL}`);
  return logger;
}

export type LoggerOptions = {
  readonly level?: string;
  /** For tests. */
  readonly destination?: DestinationStream;
};
