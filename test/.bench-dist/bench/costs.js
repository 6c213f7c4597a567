// Bench, what a rate is made of: a program's CPU profile and the span that was measured come in; microseconds an event by
// part of the program go out.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { HEAP_BOUNDS } from './ground.js';
/** Environment of a Node program that writes a profile into the folder when it ends. */
export function profiling(folder) {
    return { NODE_OPTIONS: `${HEAP_BOUNDS} --cpu-prof --cpu-prof-dir=${folder} --cpu-prof-interval=500` };
}
const LISTED = 15;
/** Only samples within the span count, so that neither start nor warm-up do. */
export function costsOf(folder, { events, fromMs, toMs }) {
    const [file] = readdirSync(folder).filter((name) => name.endsWith('.cpuprofile'));
    if (file === undefined)
        throw new Error(`no CPU profile was written into ${folder}`);
    const profile = JSON.parse(readFileSync(join(folder, file), 'utf8'));
    const frames = new Map(profile.nodes.map(({ id, callFrame }) => [id, callFrame]));
    const parts = new Map();
    const functions = new Map();
    let at = profile.startTime;
    for (const [index, id] of profile.samples.entries()) {
        const micros = profile.timeDeltas[index] ?? 0;
        at += micros;
        const frame = frames.get(id);
        if (frame === undefined || at < fromMs * 1000 || at > toMs * 1000)
            continue;
        const part = partOf(frame);
        parts.set(part, (parts.get(part) ?? 0) + micros / events);
        const name = `${frame.functionName || '(anonymous)'} in ${part}`;
        functions.set(name, (functions.get(name) ?? 0) + micros / events);
    }
    return { parts: dearest(parts), functions: dearest(functions) };
}
function dearest(micros) {
    const costs = [...micros].map(([part, microsPerEvent]) => ({ part, microsPerEvent: Math.round(microsPerEvent * 100) / 100 }));
    return costs.toSorted((a, b) => b.microsPerEvent - a.microsPerEvent).slice(0, LISTED);
}
/** The file for our own code, the package or Node's module for the rest, and V8's own words such as (garbage collector). */
function partOf({ functionName, url }) {
    if (url === '')
        return functionName.startsWith('(') ? functionName : 'native';
    const own = /\/((?:libs|apps)\/.*)$/.exec(url)?.[1];
    if (own !== undefined)
        return own.replace('/dist/', '/').replace(/\.js$/, '');
    const bundled = /\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1];
    return bundled ?? url;
}
