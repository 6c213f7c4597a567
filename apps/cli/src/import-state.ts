// How far an import of a file came, so that one that broke off goes on from there: a small file beside the ledger it goes to, named by
// the content's SHA-256, whatever the file is called.
//
// In the folder that --data names it stands under `imports`; with engines of one's own under $XDG_STATE_HOME/tollkeeper (by default
// ~/.local/state/tollkeeper), in a folder for each broker and topic. Without it, everything is sent again, which changes nothing.

import { createHash } from 'node:crypto';
import { createReadStream, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { dataFilesIn } from '@tollkeeper/operations';
import { CDR_TOPIC } from './engines.js';

export type Imported = {
  readonly file: string;
  readonly source: string;
  readonly format: string | null;
  /** From the start of the file: answered for, and durable. */
  readonly records: number;
  /** Of these. */
  readonly sent: number;
  readonly faulty: number;
  readonly withoutCdr: number;
  readonly finished: boolean;
  readonly updatedAt: string;
};

const SAVE_EVERY_MS = 1_000;

export class ImportState {
  #savedAtMs = Number.NEGATIVE_INFINITY;

  private constructor(
    private readonly folder: string,
    private readonly path: string,
  ) {}

  static async of(file: string, data: string | undefined): Promise<ImportState> {
    const folder = data === undefined ? folderOfEngines() : dataFilesIn(data).imports;
    const digest = createHash('sha256');
    for await (const chunk of createReadStream(file)) digest.update(chunk as Buffer);
    return new ImportState(folder, join(folder, `${digest.digest('hex')}.json`));
  }

  /** Undefined for a content that was never imported, or with another source or format. */
  before(source: string, format: string | undefined): Imported | undefined {
    try {
      const state = JSON.parse(readFileSync(this.path, 'utf8')) as Imported;
      return state.source === source && state.format === (format ?? null) ? state : undefined;
    } catch {
      return undefined;
    }
  }

  /** Now and then, and at the end; whole or not at all. */
  save(state: Omit<Imported, 'updatedAt'>): void {
    if (!state.finished && performance.now() - this.#savedAtMs < SAVE_EVERY_MS) return;
    this.#savedAtMs = performance.now();
    mkdirSync(this.folder, { recursive: true });
    writeFileSync(`${this.path}.new`, `${JSON.stringify({ ...state, updatedAt: new Date().toISOString() }, null, 2)}\n`);
    renameSync(`${this.path}.new`, this.path);
  }
}

function folderOfEngines(): string {
  const home = process.env['XDG_STATE_HOME'] || join(homedir(), '.local', 'state');
  const where = `${process.env['KAFKA_BROKERS'] ?? ''} ${CDR_TOPIC}`;
  return join(home, 'tollkeeper', 'imports', createHash('sha256').update(where).digest('hex').slice(0, 12));
}
