// Operations: what an operator does that changes something, behind the command line and the HTTP API alike.

export { busSink, checkingSink, faultsOf } from './cdr-import.js';
export type { RecordOutcome, RecordSink } from './cdr-import.js';
export { judgeRecord, NO_CDR, sourceNamed } from './cdr-records.js';
export type { CdrOutcome, JudgedRecord, Records, SourceRefusal } from './cdr-records.js';
export { dataFilesIn, FolderInUse, holderOf, lockDataFolder, sourcesFileOf } from './data-folder.js';
export type { DataFiles, FolderLock, Holder } from './data-folder.js';
export type { LetterState, Watch } from './dead-letter-topic.js';
export { DeadLetters } from './dead-letters.js';
export type { DeadLetter, DeadLetterMessage, DeadLetterTopics, Discarded, LetterFilter } from './dead-letters.js';
export { Rerating } from './rerate.js';
export type { Change, Changes, LedgerWriter, Replaced, RerateBy, RerateParts } from './rerate.js';
export { readSourcesFile } from './sources-file.js';
export type { SourcesRead } from './sources-file.js';
export { erase } from './erase.js';
export type { Erased, EraseParts, EraseRefusal, Erasure, Remains, TopicKept } from './erase.js';
export { examine } from './doctor.js';
export type { Check, Finding, Level } from './doctor.js';
export { clocksAgree, engineAnswers, hasRoom, intakeKeepsUp, topicsStand } from './doctor-engines.js';
export type { Topics } from './doctor-engines.js';
export { lagOf, lettersAreFew, MAX_LAG_COUNTED, plansHaveDecks, readModelsKeepUp } from './doctor-ledger.js';
export { settingsAreGood } from './doctor-settings.js';
