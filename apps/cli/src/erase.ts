// `tollkeeper erase`: the persons of a tenant's calls before a month are forgotten for good, after a person has agreed; what remains is
// told, and why.

import type { Erased, Remains } from '@tollkeeper/operations';
import { confirmed, type Target } from './command-parts.js';
import { CDR_TOPIC, DEAD_LETTER_TOPIC, PARKED_TOPIC, type Engines } from './engines.js';
import { CommandError, EXIT } from './exit.js';
import { printJson } from './output.js';
import { ofTenant } from './remote.js';

export type EraseOptions = {
  readonly tenant: string;
  /** YYYY-MM. */
  readonly before: string;
  readonly by: string;
  readonly yes?: boolean;
  readonly json?: boolean;
};

export async function eraseTenant(options: EraseOptions, target: Target): Promise<void> {
  const { tenant, before, by: author, json } = options;
  const what = `The numbers, users and names of ${tenant}'s calls before ${before} would be erased for ever`;
  if (!(await confirmed(what, options))) {
    console.log('nothing was erased');
    return;
  }
  const erased = await target.run<Erased>({
    local: (engines) => eraseHere(options, engines),
    remote: (server) => server.ask('POST', ofTenant(tenant, 'erasures'), { body: { author, before } }),
  });
  if (json) printJson(erased);
  else console.log(textOf(erased));
}

async function eraseHere({ tenant, before, by: author }: EraseOptions, engines: Engines): Promise<Erased> {
  const { erase } = await import('@tollkeeper/operations');
  const { MIGRATIONS } = await import('@tollkeeper/read-models');
  const opened = async () => {
    const [ring, readStore, bus] = [await engines.keyRing(), await engines.readStore(), await engines.bus()];
    await readStore.migrate(MIGRATIONS);
    return { ring, readStore, bus };
  };
  const topics = { cdr: CDR_TOPIC, deadLetters: DEAD_LETTER_TOPIC, parked: PARKED_TOPIC };
  const erased = await erase(
    { eventStore: await engines.eventStore(), engines: opened, topics },
    { tenant, before, author },
    Date.now(),
  );
  if ('code' in erased) throw new CommandError(`${erased.code}: ${erased.reason}`, EXIT.found);
  return erased;
}

function textOf({ tenant, before, keysDestroyed, rowsCleared, remains }: Erased): string {
  const keys = keysDestroyed === 0 ? 'no key was left to destroy' : `${keysDestroyed} keys destroyed`;
  const lines = [`${tenant}, before ${before}: ${keys}, ${rowsCleared} calls cleared of persons`, '', 'What remains:'];
  return [...lines, ...remaining(remains, before).map((line) => `- ${line}`)].join('\n');
}

/** A server of before may not tell. */
function remaining(remains: Remains | undefined, before: string): readonly string[] {
  const { rawCdrs = [], deadLetters = 0 } = remains ?? {};
  return [
    ...rawCdrs.map(({ topic, oldestAt, retentionDays }) => {
      const until = retentionDays === null ? 'which keeps them for ever' : `which forgets them after ${retentionDays} days`;
      return `CDRs as they came, since ${oldestAt ?? 'some time'}, on the topic ${topic}, ${until}`;
    }),
    ...(deadLetters === 0
      ? []
      : [
          `${deadLetters} messages put aside before ${before} on ${DEAD_LETTER_TOPIC}, bytes intact; it keeps them until you delete its records`,
        ]),
    'names of users and recipients: licences and mails need them, and the key of no month seals them; unassign and unset them',
    'keys in the memory of running programs, for two minutes at most, and in backups of the key store',
  ];
}
