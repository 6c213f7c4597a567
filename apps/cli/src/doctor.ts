// `tollkeeper doctor`: everything that a ledger needs is looked at, one line for each; whatever fails hides nothing else.

import {
  clocksAgree,
  DeadLetters,
  engineAnswers,
  examine,
  hasRoom,
  holderOf,
  intakeKeepsUp,
  lettersAreFew,
  plansHaveDecks,
  readModelsKeepUp,
  settingsAreGood,
  topicsStand,
  type Check,
  type Finding,
} from '@tollkeeper/operations';
import type { Common } from './command-parts.js';
import { assertDataFolder, CDR_TOPIC, DEAD_LETTER_TOPIC, enginesOf, PARKED_TOPIC, type Engines } from './engines.js';
import { CommandError, EXIT } from './exit.js';
import { printJson } from './output.js';

const settingOr = (name: string, otherwise: string): string => process.env[name] || otherwise;

const OTHER_TOPICS = [
  settingOr('BALANCE_TOPIC', 'credit.balance.v1'),
  settingOr('ALERT_TOPIC', 'credit.alert.v1'),
  settingOr('RECHARGE_COMMAND_TOPIC', 'credit.recharge-command.v1'),
];
const TOPICS = { cdr: CDR_TOPIC, deadLetters: DEAD_LETTER_TOPIC, parked: PARKED_TOPIC, others: OTHER_TOPICS };

export async function doctor(options: Common): Promise<void> {
  const engines = enginesOf(options);
  const findings: Finding[] = [];
  for await (const finding of looks(options, engines)) {
    findings.push(finding);
    if (!options.json) console.log(lineOf(finding));
  }
  // What hangs does not keep the answer.
  void engines.close().catch(() => undefined);
  if (options.json) printJson(findings);
  const faults = findings.filter(({ level }) => level === 'fault');
  const warnings = findings.filter(({ level }) => level === 'warning').length;
  if (!options.json) console.log(`\n${findings.length} looked at: ${faults.length} faults, ${warnings} warnings`);
  const away = faults.filter(({ isAway }) => isAway).map(({ about }) => about);
  if (away.length > 0) throw new CommandError(`no answer: ${away.join(', ')}`, EXIT.engine);
  if (faults.length > 0) throw new CommandError(`${faults.length} faults`, EXIT.found);
}

/** Of a folder that holds no ledger, that is all there is to say. */
async function* looks(options: Common, engines: Engines): AsyncGenerator<Finding> {
  const { data } = options;
  let isLedger = true;
  for await (const finding of examine(data === undefined ? [] : [folderHolds(data)])) {
    isLedger = false;
    yield finding;
  }
  if (isLedger) yield* examine(checksOf(options, engines));
}

function folderHolds(data: string): Check {
  return {
    about: `folder ${data}`,
    async look() {
      assertDataFolder(data);
      return [];
    },
  };
}

function checksOf({ data }: Common, engines: Engines): readonly Check[] {
  const { eventStore, bus, decks, readStore } = engines;
  const letters = async () => new DeadLetters(await bus(), { deadLetters: DEAD_LETTER_TOPIC, cdr: CDR_TOPIC });
  const keys = async () => {
    await engines.keyRing();
    return { ping: async () => undefined };
  };
  return [
    ...(data === undefined ? [] : [folderIsServed(data), hasRoom(data)]),
    engineAnswers('event store', opening(eventStore)),
    engineAnswers('message bus', opening(bus)),
    engineAnswers('read store', opening(readStore)),
    engineAnswers('key store', opening(keys)),
    settingsAreGood(process.env),
    clocksAgree(readStore, Date.now),
    topicsStand(bus, TOPICS),
    intakeKeepsUp(bus, CDR_TOPIC, settingOr('CONSUMER_GROUP', 'rating')),
    lettersAreFew(letters),
    readModelsKeepUp(eventStore, readStore),
    plansHaveDecks(decks, readStore, Date.now),
  ];
}

/** In the words of engines' own errors, where it did not answer. */
function opening<Engine>(open: () => Promise<Engine>): () => Promise<Engine> {
  return async () => {
    try {
      return await open();
    } catch (error) {
      if (!(error instanceof CommandError) || error.exitCode !== EXIT.engine) throw error;
      throw Object.assign(new Error(error.message, { cause: error }), { code: 'unavailable' });
    }
  };
}

const READY_WITHIN_MS = 5_000;

function folderIsServed(data: string): Check {
  const about = `server on ${data}`;
  return {
    about,
    async look() {
      const holder = holderOf(data);
      if (holder === undefined) return [{ level: 'ok', about, says: 'none is running' }];
      const who = `${holder.program} with process id ${holder.pid ?? 'unknown'}`;
      if (holder.url === null) return [{ level: 'ok', about, says: `${who}, without an HTTP API` }];
      const answer = await fetch(`${holder.url}/readyz`, { signal: AbortSignal.timeout(READY_WITHIN_MS) });
      const { failing = {} } = (await answer.json()) as { readonly failing?: Readonly<Record<string, string>> };
      const reasons = Object.entries(failing).map(([check, reason]) => `${check}: ${reason}`);
      if (answer.ok) return [{ level: 'ok', about, says: `${who} is ready at ${holder.url}` }];
      return [{ level: 'fault', about, says: `${who} is not ready: ${reasons.join('; ')}`, todo: 'see its log' }];
    },
  };
}

function lineOf({ level, about, says, todo }: Finding): string {
  return `${level.padEnd('warning'.length)}  ${about}: ${says}${todo === undefined ? '' : `; ${todo}`}`;
}
