// Bench, what it stands on: the environment comes in; engines, names of the run's own and programs that use them go out.
import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import kafkajs from 'kafkajs';
import { NO_STREAM, openEventStore } from '@tollkeeper/event-store';
import { DEFAULT_MAX_MESSAGE_BYTES, openMessageBus } from '@tollkeeper/message-bus';
import { availablePort, createSchema } from '@tollkeeper/testing';
import { spawnProgram } from '../stage/programs.js';
import { openAccounts, publishAll } from './filling.js';
import { progress } from './progress.js';
import { PARTITIONS } from './sizes.js';
import { CURRENCY, deckCsv, sourcesJson, workload } from './workload.js';
/**
 * What V8 gives a program in a container of 512 MiB. Left to the memory of a large machine, it lets garbage lie until there are
 * 130 MiB of young and as much of old objects, and collects in longer pauses.
 */
export const HEAP_BOUNDS = '--max-old-space-size=256 --max-semi-space-size=16';
export async function openGround({ brokers, databaseUrl, kurrentDbUrl }, sizes, folder) {
    const run = `bench${Date.now().toString(36)}`;
    const eventStoreUrl = kurrentDbUrl ?? `sqlite:${join(folder, 'events.sqlite')}`;
    const eventStore = openEventStore(eventStoreUrl);
    const bus = openMessageBus(brokers, { clientId: 'bench' });
    const schemas = [];
    const schema = async () => {
        const made = await createSchema(databaseUrl);
        schemas.push(made);
        return made.url;
    };
    const ownUrl = await schema();
    let marks = 0;
    const mark = () => appendMark(eventStore, run, marks++);
    const topics = [];
    const programs = [];
    const nowMs = Date.now();
    writeFileSync(join(folder, 'rates.csv'), deckCsv());
    const topic = async (name, factor = 1) => {
        const full = `${run}-${name}`;
        await bus.ensureTopics([{ name: full, partitions: PARTITIONS, maxMessageBytes: factor * DEFAULT_MAX_MESSAGE_BYTES }]);
        topics.push(full);
        return full;
    };
    return {
        run,
        sizes,
        nowMs,
        folder,
        brokers,
        databaseUrl: ownUrl,
        eventStoreUrl,
        eventStoreName: kurrentDbUrl === undefined ? 'SQLite' : 'KurrentDB',
        eventStore,
        bus,
        startPosition: await mark(),
        schema,
        mark,
        topic,
        async fill(shape, count) {
            const name = `${run}${shape}${topics.length}`;
            progress(`publishing ${count} CDRs, ${shape === 'hot' ? 'one tenant' : 'many tenants'}`);
            const full = await topic(`${shape}-${topics.length}`);
            const load = workload(name, shape, nowMs);
            await openAccounts(eventStore, load.tenants, nowMs);
            await publishAll(bus, full, load, count);
            return { name, shape, topic: full, count, workload: load };
        },
        async start(name, env) {
            const port = await availablePort();
            const logFile = join(folder, `${name}-${programs.length}.log`);
            const addresses = { KAFKA_BROKERS: brokers, KURRENTDB_URL: eventStoreUrl, DATABASE_URL: ownUrl };
            const around = {
                PATH: process.env['PATH'] ?? '',
                LOG_LEVEL: 'warn',
                NODE_OPTIONS: HEAP_BOUNDS,
                HEALTH_PORT: String(port),
                API_PORT: String(port),
            };
            const program = spawnProgram(name, { env: { ...addresses, ...around, ...env }, port, logFile });
            programs.push(program);
            return program;
        },
        async close() {
            await Promise.all(programs.map((program) => (program.hasExited() ? undefined : program.kill())));
            await Promise.all([bus.close(), eventStore.close()]);
            for (const made of schemas)
                await made.drop();
            await deleteTopics(brokers, topics);
        },
    };
}
/** Files that the rating program is given for a topic. */
export function ratingFiles({ folder }, topic) {
    const sources = join(folder, `sources-${topic}.json`);
    writeFileSync(sources, sourcesJson(topic));
    return { SOURCES_FILE: sources, RATE_DECK_FILE: join(folder, 'rates.csv'), RATE_DECK_CURRENCY: CURRENCY };
}
async function appendMark(store, run, marks) {
    const marked = { id: randomUUID(), type: 'BenchMarked.v1', data: {}, metadata: {} };
    return (await store.append(`bench-${run}`, NO_STREAM + marks, [marked])).position;
}
async function deleteTopics(brokers, topics) {
    const admin = new kafkajs.Kafka({ clientId: 'bench', brokers: brokers.split(','), logLevel: kafkajs.logLevel.NOTHING }).admin();
    await admin.connect();
    if (topics.length > 0)
        await admin.deleteTopics({ topics: [...topics] });
    await admin.disconnect();
}
