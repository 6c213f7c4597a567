// Tests across processes: the stage that path, crash and bench share.

export { openAccounts, type AccountSettings } from './accounts.js';
export { aCall, canonicalCdr, cdrMessage, MINUTE_MS, type Call } from './cdrs.js';
export { useDeck } from './decks.js';
export { describeOnEngines, findEngines, type Engines, type FoundEngines } from './engines.js';
export { listen, type Listener } from './listener.js';
export { openMailServer, type MailServer, type TakenMail } from './mail-server.js';
export { auditStream, debitsOf, deckOf, priceOf, PRICES, stepsOf, type Price, type StreamFacts } from './oracle.js';
export { ROOT, spawnProgram, type Exit, type Program, type ProgramName } from './programs.js';
export { openRoute, type Route } from './route.js';
export {
  OPEN_WITHIN_MS,
  READ_MODEL_TABLES,
  Stage,
  UNTIL_MS,
  type SimulatedPayment,
  type StageOptions,
  type StageProgram,
  type StageTopics,
  type StartOptions,
} from './stage.js';
export { tollkeeperOn, type Told, type Tollkeeper } from './tollkeeper.js';
