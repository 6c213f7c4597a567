// `tollkeeper replay`: a tenant's events as they are stored, and where each came from, printed as they are read.

import { originText, replayOf, type ReplayedEvent } from '@tollkeeper/audit';
import type { Engines } from './engines.js';
import { CommandError, EXIT } from './exit.js';
import { Progress } from './output.js';
import { toStdout } from './text-out.js';

export type ReplayOptions = {
  readonly tenant: string;
  readonly fromRevision?: number;
  readonly toRevision?: number;
  readonly json?: boolean;
};

export async function replay({ json, ...options }: ReplayOptions, engines: Engines): Promise<void> {
  const store = await engines.eventStore();
  const write = toStdout();
  const progress = process.stdout.isTTY ? undefined : new Progress(`events of ${options.tenant}`);
  let events = 0;
  for await (const page of replayOf(store, options)) {
    await write(page.map(json ? (event) => `${JSON.stringify(event)}\n` : textOf).join(''));
    events += page.length;
    progress?.add(page.length);
  }
  progress?.end();
  if (events === 0) throw new CommandError(nothing(options), EXIT.found);
}

function nothing({ tenant, fromRevision, toRevision }: ReplayOptions): string {
  const spans = fromRevision !== undefined || toRevision !== undefined;
  return spans ? `tenant ${tenant} has no event at these revisions` : `tenant ${tenant} has no account`;
}

function textOf({ revision, recordedAt, type, balance, id, hash, origin, data }: ReplayedEvent): string {
  const from = origin === null ? '' : `    from    ${originText(origin)}\n`;
  return `${revision}  ${recordedAt}  ${type}  balance ${balance}\n    id      ${id}\n    hash    ${hash}\n${from}    data    ${JSON.stringify(data)}\n`;
}
