// Which file of switches a command takes: one order for all of them.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { switchesFileOf } from './switches.js';

let data: string;

beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), 'tollkeeper-switches-'));
  writeFileSync(join(data, 'server.json'), JSON.stringify({ sourcesFile: 'of the folder' }));
});
afterEach(() => {
  delete process.env['SOURCES_FILE'];
  rmSync(data, { recursive: true });
});

test('by option, then by setting, then the one of the folder', () => {
  expect(switchesFileOf({ data })).toBe('of the folder');
  process.env['SOURCES_FILE'] = 'of the environment';
  expect(switchesFileOf({ data })).toBe('of the environment');
  expect(switchesFileOf({ data, sources: 'of the option' })).toBe('of the option');
  process.env['SOURCES_FILE'] = '';
  expect(switchesFileOf({})).toBeUndefined();
});
