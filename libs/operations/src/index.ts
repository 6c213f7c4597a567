// Operations: what an operator does that changes something, behind the command line and the HTTP API alike.

export { busSink, checkingSink, faultsOf } from './cdr-import.js';
export type { RecordOutcome, RecordSink } from './cdr-import.js';
export { judgeRecord, sourceNamed } from './cdr-records.js';
export type { CdrOutcome, JudgedRecord, Records } from './cdr-records.js';
export { dataFilesIn, FolderInUse, holderOf, lockDataFolder, sourcesFileOf } from './data-folder.js';
export type { DataFiles, FolderLock, Holder } from './data-folder.js';
export type { Watch } from './dead-letter-topic.js';
export { contentOfLetter, DeadLetters } from './dead-letters.js';
export type { DeadLetter, LetterFilter } from './dead-letters.js';
export { Rerating } from './rerate.js';
export type { Change, Changes, LedgerWriter, Replaced, RerateParts } from './rerate.js';
export { readSourcesFile } from './sources-file.js';
export { erase } from './erase.js';
export type { Erased, Remains } from './erase.js';
export { examine } from './doctor.js';
export type { Check, Finding, Level } from './doctor.js';
export { clocksAgree, engineAnswers, hasRoom, intakeKeepsUp, topicsStand } from './doctor-engines.js';
export type { Topics } from './doctor-engines.js';
export { lagOf, lettersAreFew, MAX_LAG_COUNTED, plansHaveDecks, readModelsKeepUp } from './doctor-ledger.js';
export { settingsAreGood } from './doctor-settings.js';
