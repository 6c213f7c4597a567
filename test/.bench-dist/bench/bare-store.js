// Bench, the event store of the baselines: prebuilt events come in by the client itself, without our adapter unless that is asked for.
//
// There is no client for SQLite but our own store, so where the events stand in SQLite the baselines use that.
import { randomUUID } from 'node:crypto';
import { jsonEvent, KurrentDBClient, NO_STREAM, START, streamNameFilter } from '@kurrent/kurrentdb-client';
import { openEventStore } from '@tollkeeper/event-store';
/** @param adapter appends by our adapter all the same, which spares the client some of its work. */
export function openBareStore(url, adapter = false) {
    return adapter || url.startsWith('sqlite:') ? ownStore(url) : bareClient(url);
}
/** Ids are made when the events are, outside of what is measured in none of the programs. */
export function eventsLike({ type, data, metadata }, count) {
    return Array.from({ length: count }, () => ({ id: randomUUID(), type, data, metadata }));
}
function bareClient(url) {
    const client = KurrentDBClient.connectionString(url);
    const revisions = new Map();
    return {
        async append(stream, events) {
            const streamState = revisions.get(stream) ?? NO_STREAM;
            const { nextExpectedRevision } = await client.appendToStream(stream, events.map((event) => jsonEvent(event)), { streamState });
            revisions.set(stream, nextExpectedRevision);
        },
        async readAll(streamPrefix, after, onEvents) {
            const filter = streamNameFilter({ prefixes: [streamPrefix] });
            const fromPosition = after === 0n ? START : { commit: after, prepare: after };
            for await (const { event } of client.readAll({ fromPosition, filter }))
                if (event)
                    onEvents(1);
        },
        close: () => client.dispose(),
    };
}
function ownStore(url) {
    const store = openEventStore(url);
    const revisions = new Map();
    return {
        async append(stream, events) {
            const { revision } = await store.append(stream, revisions.get(stream) ?? -1, events);
            revisions.set(stream, revision);
        },
        async readAll(streamPrefix, after, onEvents) {
            for await (const page of store.readAll({ streamPrefix, after }))
                onEvents(page.length);
        },
        close: () => store.close(),
    };
}
