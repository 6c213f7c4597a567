// What a long command prints: text or bytes in, stdout or a file out, never faster than they take it.

import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { finished, pipeline } from 'node:stream/promises';
import { CommandError } from './exit.js';

export type WriteText = (text: string) => Promise<void>;

/** A reader that has seen enough, such as `head`, ends the program without a word. */
export function toStdout(): WriteText {
  const { stdout } = process;
  if (stdout.listenerCount('error') === 0) {
    stdout.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE') process.exit();
      throw error;
    });
  }
  return async (text) => {
    if (!stdout.write(text)) await once(stdout, 'drain');
  };
}

/** As `toStdout`, of what is bytes, or text that stands in a stream. */
export async function bytesToStdout(content: Readable): Promise<void> {
  try {
    await pipeline(content, process.stdout, { end: false });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPIPE') throw error;
  }
}

/** The file has its name once it is whole; what was there before stands until then. */
export async function intoFile<Result>(file: string, work: (unfinished: string) => Promise<Result>): Promise<Result> {
  const unfinished = `${file}.unfinished`;
  try {
    const result = await work(unfinished);
    await rename(unfinished, file);
    return result;
  } catch (error) {
    await rm(unfinished, { force: true });
    const { syscall, message } = error as NodeJS.ErrnoException;
    if (syscall === undefined) throw error;
    throw new CommandError(`${file} cannot be written: ${message}`);
  }
}

export async function writingTo<Result>(file: string, work: (write: WriteText) => Promise<Result>): Promise<Result> {
  const stream = createWriteStream(file);
  const end = finished(stream);
  end.catch(() => undefined);
  const write: WriteText = async (text) => {
    if (!stream.write(text)) await Promise.race([once(stream, 'drain'), end]);
  };
  try {
    return await work(write);
  } finally {
    stream.end();
    await end;
  }
}
