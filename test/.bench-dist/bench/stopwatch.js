// Bench, the one way of measuring a rate: counts as they rise come in; the rate behind the warm-up goes out.
import { warmUpOf } from './sizes.js';
/** Of the machine's monotonic clock, which all its processes and their CPU profiles share. */
export function monotonicMs() {
    return Number(process.hrtime.bigint()) / 1e6;
}
export function ratePerSecond({ events, fromMs, toMs }) {
    return (events / (toMs - fromMs)) * 1000;
}
/** Told of the count whenever it has risen; begins to measure once the warm-up is over. */
export class Stopwatch {
    #total;
    #done = Promise.withResolvers();
    #start;
    #count = 0;
    constructor(total) {
        this.#total = total;
    }
    /** Resolves when all is done. */
    get span() {
        return this.#done.promise;
    }
    get count() {
        return this.#count;
    }
    get isMeasuring() {
        return this.#start !== undefined;
    }
    add(count) {
        this.at(this.#count + count);
    }
    at(count) {
        if (count === this.#count)
            return;
        this.#count = count;
        const atMs = monotonicMs();
        if (this.#start === undefined && count >= warmUpOf(this.#total))
            this.#start = { count, atMs };
        if (count >= this.#total && this.#start !== undefined) {
            this.#done.resolve({ events: count - this.#start.count, fromMs: this.#start.atMs, toMs: atMs });
        }
    }
}
