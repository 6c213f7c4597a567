// The event store lib: the port, its adapters, and the command runner over them.

export {
  EVENT_STORE_ERROR_CODES,
  EventStoreError,
  NO_STREAM,
  type AppendResult,
  type EventStore,
  type EventPlace,
  type EventStoreErrorCode,
  type EventToAppend,
  type JsonObject,
  type JsonValue,
  type ReadAllOptions,
  type ReadStreamOptions,
  type RecordedEvent,
  type StoredText,
  type SubscribeOptions,
  type SubscriptionBatch,
} from './event-store.js';
export { lastEvent } from './last-event.js';
export { openEventStore } from './open.js';
export { inMemoryEventStore } from './in-memory.js';
export { openSqliteEventStore, type SqliteEventStoreOptions } from './sqlite.js';
export { openKurrentDbEventStore, type KurrentDbEventStoreOptions } from './kurrentdb.js';
export { StreamUnreadable, type Decider, type PlacedEvent, type Recorded, type Snapshots } from './decider.js';
export { StreamWriter, type Conflict, type StreamWriterOptions } from './stream-writer.js';
export { type CommandResult } from './stream-round.js';
export { type SnapshotFault } from './stream-state.js';
export { fileSnapshots, type Snapshot, type SnapshotPart } from './file-snapshots.js';
export { runFeed, type FeedOptions, type FeedWatch, type Follower } from './feed.js';
