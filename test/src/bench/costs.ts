// Bench, what a rate is made of: a program's CPU profile and the span that was measured come in; microseconds an event by
// part of the program go out.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { HEAP_BOUNDS } from './ground.js';
import type { Span } from './stopwatch.js';

export type Cost = { readonly part: string; readonly microsPerEvent: number };
export type Costs = { readonly parts: readonly Cost[]; readonly functions: readonly Cost[] };

/** Environment of a Node program that writes a profile into the folder when it ends. */
export function profiling(folder: string): Readonly<Record<string, string>> {
  return { NODE_OPTIONS: `${HEAP_BOUNDS} --cpu-prof --cpu-prof-dir=${folder} --cpu-prof-interval=500` };
}

type CallFrame = { readonly functionName: string; readonly url: string; readonly lineNumber: number };
type Profile = {
  readonly nodes: readonly { readonly id: number; readonly callFrame: CallFrame }[];
  /** Microseconds of the monotonic clock. */
  readonly startTime: number;
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
};

const LISTED = 15;

/** Only samples within the span count, so that neither start nor warm-up do. */
export function costsOf(folder: string, { events, fromMs, toMs }: Span): Costs {
  const [file] = readdirSync(folder).filter((name) => name.endsWith('.cpuprofile'));
  if (file === undefined) throw new Error(`no CPU profile was written into ${folder}`);
  const profile = JSON.parse(readFileSync(join(folder, file), 'utf8')) as Profile;
  const frames = new Map(profile.nodes.map(({ id, callFrame }) => [id, callFrame]));
  const parts = new Map<string, number>();
  const functions = new Map<string, number>();
  let at = profile.startTime;
  for (const [index, id] of profile.samples.entries()) {
    const micros = profile.timeDeltas[index] ?? 0;
    at += micros;
    const frame = frames.get(id);
    if (frame === undefined || at < fromMs * 1000 || at > toMs * 1000) continue;
    const part = partOf(frame);
    parts.set(part, (parts.get(part) ?? 0) + micros / events);
    const name = `${frame.functionName || '(anonymous)'} in ${part}`;
    functions.set(name, (functions.get(name) ?? 0) + micros / events);
  }
  return { parts: dearest(parts), functions: dearest(functions) };
}

function dearest(micros: ReadonlyMap<string, number>): readonly Cost[] {
  const costs = [...micros].map(([part, microsPerEvent]) => ({ part, microsPerEvent: Math.round(microsPerEvent * 100) / 100 }));
  return costs.toSorted((a, b) => b.microsPerEvent - a.microsPerEvent).slice(0, LISTED);
}

/** The file for our own code, the package or Node's module for the rest, and V8's own words such as (garbage collector). */
function partOf({ functionName, url }: CallFrame): string {
  if (url === '') return functionName.startsWith('(') ? functionName : 'native';
  const own = /\/((?:libs|apps)\/.*)$/.exec(url)?.[1];
  if (own !== undefined) return own.replace('/dist/', '/').replace(/\.js$/, '');
  const bundled = /\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1];
  return bundled ?? url;
}
