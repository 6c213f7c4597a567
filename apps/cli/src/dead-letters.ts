// `tollkeeper dead-letters …`: what was put aside and is not settled yet, read from the topic itself; sent again, or discarded.

import type { DeadLetter, DeadLetters, LetterFilter } from '@tollkeeper/operations';
import type { Target } from './command-parts.js';
import { CDR_TOPIC, DEAD_LETTER_TOPIC, type Engines } from './engines.js';
import { CommandError, EXIT } from './exit.js';
import { printJson, Progress, tableOf } from './output.js';

export type LettersOptions = LetterFilter & { readonly json?: boolean };

export async function listLetters(options: LettersOptions & { readonly discarded?: boolean }, engines: Engines): Promise<void> {
  const letters: DeadLetter[] = [];
  await withLetters(engines, async (open) => {
    for await (const letter of open.list(options, options.discarded ? ['discarded'] : ['open'])) letters.push(letter);
  });
  if (options.json) printJson(letters);
  else if (letters.length === 0) console.log(options.discarded ? 'no letter was discarded' : 'no dead letter');
  else {
    const columns = ['letter', 'key', 'code', 'put aside', ...(options.discarded ? ['discarded by', 'because'] : ['reason'])];
    const rows = letters.map(({ id, key, code, putAsideAt, reason, discarded }) => {
      const rest = discarded === null ? [reason] : [discarded.author, discarded.reason];
      return [id, key ?? '', code, putAsideAt, ...rest];
    });
    console.log(tableOf(columns, rows));
  }
}

/** Headers, reason and body; a body that is no text as hexadecimal. */
export async function showLetter(id: string, { json }: { readonly json?: boolean }, engines: Engines): Promise<void> {
  const letter = await withLetters(engines, (open) => open.show(id));
  if (letter === undefined) {
    throw new CommandError(`no dead letter ${id}; tollkeeper dead-letters list tells which there are`, EXIT.found);
  }
  const { value, headers, discarded, ...named } = letter;
  const content = (await import('@tollkeeper/operations')).contentOfLetter(value);
  if (json) printJson({ ...named, discarded, headers, ...content });
  else {
    const facts = {
      letter: named.id,
      key: named.key ?? '',
      'put aside': named.putAsideAt,
      code: named.code,
      reason: named.reason,
    };
    const end = discarded && { discarded: `${discarded.at} by ${discarded.author}: ${discarded.reason}` };
    console.log(tableOf(['', ''], Object.entries({ ...facts, ...end })).trimStart());
    console.log(`\n${tableOf(['header', 'value'], Object.entries(headers))}\n`);
    console.log(content.text ?? value?.toString('hex') ?? '(no bytes)');
  }
}

export async function retryLetters({ json, ...filter }: LettersOptions, target: Target): Promise<void> {
  const { retried } = await target.run<{ readonly retried: number }>({
    local: (engines) => withLetters(engines, (letters) => letters.retry(filter)),
    remote: (server) => server.ask('POST', '/v1/dead-letters/retry', { body: filterOf(filter) }),
  });
  if (retried === 0) throw noneMatches();
  if (json) printJson({ retried });
  else console.log(`${retried} sent again; those that are refused again are listed anew`);
}

export type DiscardOptions = LettersOptions & { readonly reason: string; readonly by: string };

export async function discardLetters({ json, reason, by: author, ...filter }: DiscardOptions, target: Target): Promise<void> {
  if (Object.keys(filterOf(filter)).length === 0) throw new CommandError('say which letters: --id, --code or --tenant');
  const { discarded } = await target.run<{ readonly discarded: number }>({
    local: async (engines) => ({
      discarded: await withLetters(engines, (letters) => letters.discard(filter, { author, reason })),
    }),
    remote: (server) => server.ask('POST', '/v1/dead-letters/discard', { body: { ...filterOf(filter), author, reason } }),
  });
  if (discarded === 0) throw noneMatches();
  if (json) printJson({ discarded });
  else console.log(`${discarded} discarded; tollkeeper dead-letters list --discarded goes on telling of them`);
}

function filterOf({ code, tenant, id }: LetterFilter): LetterFilter {
  return { ...(code && { code }), ...(tenant && { tenant }), ...(id && { id }) };
}

function noneMatches(): CommandError {
  return new CommandError('no dead letter matches; tollkeeper dead-letters list tells which there are', EXIT.found);
}

async function withLetters<Result>(engines: Engines, use: (letters: DeadLetters) => Promise<Result>): Promise<Result> {
  const bus = await engines.bus();
  if ((await bus.describeTopic(DEAD_LETTER_TOPIC)) === undefined) {
    throw new CommandError(`the bus has no topic ${DEAD_LETTER_TOPIC}; DEAD_LETTER_TOPIC names another`);
  }
  const { DeadLetters: Letters } = await import('@tollkeeper/operations');
  const progress = new Progress('messages of the dead-letter topic read');
  const topics = { deadLetters: DEAD_LETTER_TOPIC, cdr: CDR_TOPIC };
  const result = await use(new Letters(bus, topics, { onRead: (count) => progress.add(count) }));
  progress.end();
  return result;
}
