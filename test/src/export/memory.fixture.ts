// Started as a process of its own: exports a long stream in one format and tells its peak memory. Arguments: format, events, file.

import { closeSync, createWriteStream, openSync, writeSync } from 'node:fs';
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
const peakMiB = Math.round(process.resourceUsage().maxRSS / 1024);
console.log(JSON.stringify({ postings, peakMiB, ms: Math.round(performance.now() - startMs) }));
