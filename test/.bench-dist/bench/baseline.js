// Bench, baselines B1 to B4, each in a process of its own: what the engines and their clients can do when nothing is rated.
import { readFileSync } from 'node:fs';
import kafkajs from 'kafkajs';
import { openMessageBus } from '@tollkeeper/message-bus';
import { appendAll, byTenant, eventsPerAppend } from './batches.js';
import { eventsLike, openBareStore } from './bare-store.js';
import { answerApart } from './processes.js';
import { MESSAGES_PER_BATCH, PARTITIONS } from './sizes.js';
import { Stopwatch } from './stopwatch.js';
import { workload } from './workload.js';
await answerApart(async (task) => {
    const stopwatch = new Stopwatch(task.count);
    switch (task.name) {
        case 'B1':
            return { span: await consume(task, stopwatch, async () => undefined) };
        case 'B2':
            return { span: await appendPrebuilt(task, stopwatch) };
        case 'B3':
        case 'B3a':
            return { span: await consumeAndAppend(task, stopwatch) };
        case 'B4':
            return { span: await readAll(task, stopwatch) };
    }
});
/** Offsets are committed as rating's consumer does it: behind each slice, once it is done with. */
async function consume(task, stopwatch, work) {
    const { Kafka, logLevel } = kafkajs;
    const consumer = new Kafka({ clientId: 'bench', brokers: task.brokers.split(','), logLevel: logLevel.NOTHING }).consumer({
        groupId: task.group,
        maxWaitTimeInMs: 250,
    });
    await consumer.connect();
    await consumer.subscribe({ topics: [task.topic], fromBeginning: true });
    await consumer.run({
        eachBatchAutoResolve: false,
        partitionsConsumedConcurrently: 16,
        async eachBatch({ batch: { messages }, resolveOffset, commitOffsetsIfNecessary, uncommittedOffsets, heartbeat }) {
            for (let from = 0; from < messages.length; from += MESSAGES_PER_BATCH) {
                const slice = messages.slice(from, from + MESSAGES_PER_BATCH);
                await work(slice.map(({ key }) => key?.toString() ?? ''));
                resolveOffset(slice.at(-1)?.offset ?? '');
                await commitOffsetsIfNecessary(uncommittedOffsets());
                await heartbeat();
                stopwatch.add(slice.length);
            }
        },
    });
    return stopwatch.span;
}
async function consumeAndAppend(task, stopwatch) {
    const { append, perAppend } = appender(task, openBareStore(task.eventStoreUrl, task.name === 'B3a'));
    return await consume(task, stopwatch, (keys) => appendAll(byTenant(keys, perAppend), append));
}
/** The batches are those that rating meets: slices of each partition, the partitions side by side. */
async function appendPrebuilt(task, stopwatch) {
    const { append, perAppend } = appender(task, openBareStore(task.eventStoreUrl));
    const partitions = await batchesByPartition(task, perAppend);
    await Promise.all(partitions.map(async (batches) => {
        for (const batch of batches) {
            await appendAll(batch, async (tenant, count) => {
                await append(tenant, count);
                stopwatch.add(count);
            });
        }
    }));
    return await stopwatch.span;
}
function appender(task, store) {
    const event = JSON.parse(readFileSync(task.eventFile, 'utf8'));
    const append = (tenant, count) => store.append(`${task.streamPrefix}-${tenant}`, eventsLike(event, count));
    return { perAppend: eventsPerAppend(event), append };
}
/** The in-memory bus spreads keys over partitions as Kafka does. */
async function batchesByPartition({ workload: { name, shape, nowMs }, topic, count }, perAppend) {
    const bus = openMessageBus('memory:', { clientId: 'bench' });
    await bus.ensureTopics([{ name: topic, partitions: PARTITIONS }]);
    await bus.publish(topic, workload(name, shape, nowMs)
        .messages(0, count)
        .map(({ key }) => ({ key, value: null })));
    const partitions = Array.from({ length: PARTITIONS }, () => []);
    let seen = 0;
    const { promise, resolve } = Promise.withResolvers();
    await bus.consume({
        group: 'bench',
        topics: [topic],
        maxMessages: MESSAGES_PER_BATCH,
        async handle({ partition, messages }) {
            partitions[partition]?.push(byTenant(messages.map(({ key }) => key?.toString() ?? ''), perAppend));
            seen += messages.length;
            if (seen === count)
                resolve();
        },
    });
    await promise;
    return partitions;
}
async function readAll({ eventStoreUrl, streamPrefix, after, count }, stopwatch) {
    const reading = openBareStore(eventStoreUrl).readAll(streamPrefix, BigInt(after), (events) => stopwatch.add(events));
    const span = await Promise.race([stopwatch.span, reading.then(() => undefined)]);
    if (span === undefined)
        throw new Error(`B4 was to read ${count} events of ${streamPrefix}* and found ${stopwatch.count}`);
    return span;
}
