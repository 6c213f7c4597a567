// Started as a process of its own: exports a long stream in one format and tells its peak memory. Arguments: format, events, file.

import { closeSync, createWriteStream, openSync, readFileSync, writeSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { exportLedger, type ExportFormat } from '@tollkeeper/audit';
import { longStream } from '../bench/long-stream.js';

const [format = 'ndjson', events = '1000', file = '/dev/null'] = process.argv.slice(2);
const startMs = performance.now();
const out = openSync(file, 'w');
const write = async (text: string): Promise<void> => void writeSync(out, text);
const put = (workbook: Readable): Promise<void> => pipeline(workbook, createWriteStream(file));
const target = format === 'xlsx' ? ({ format, put } as const) : { format: format as Exclude<ExportFormat, 'xlsx'>, write };
const { postings } = await exportLedger(longStream(Number(events)), {}, target);
closeSync(out);
// What `resourceUsage` tells as the peak is never below that of the process that this one was forked from.
const peakKiB = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
const peakMiB = Math.round(Number(peakKiB) / 1024);
console.log(JSON.stringify({ postings, peakMiB, ms: Math.round(performance.now() - startMs) }));
