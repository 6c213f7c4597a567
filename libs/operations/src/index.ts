// Operations: what an operator does that changes something, behind the command line and the HTTP API alike.

export { dataFilesIn, FolderInUse, holderOf, lockDataFolder, sourcesFileOf } from './data-folder.js';
export type { DataFiles, FolderLock, Holder } from './data-folder.js';
export type { LetterState, Watch } from './dead-letter-topic.js';
export { DeadLetters } from './dead-letters.js';
export type { DeadLetter, DeadLetterMessage, DeadLetterTopics, Discarded, LetterFilter } from './dead-letters.js';
export { Rerating } from './rerate.js';
export type { Change, Changes, LedgerWriter, Replaced, RerateBy, RerateParts } from './rerate.js';
