// What a browser fetches before it shows the overview, counted from the build's own manifest, compressed as it is sent.

import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { expect, test } from '@jest/globals';

const MAX_FIRST_LOAD_BYTES = 250 * 1024;
const dist = new URL('../../dist/', import.meta.url);

type Chunk = {
  readonly file: string;
  readonly css?: readonly string[];
  readonly imports?: readonly string[];
  readonly dynamicImports?: readonly string[];
};

const manifest = JSON.parse(readFileSync(new URL('.vite/manifest.json', dist), 'utf8')) as Readonly<Record<string, Chunk>>;
const OVERVIEW = [
  'index.html',
  'src/pages/overview/overview-page.tsx',
  'src/pages/overview/balance-chart.tsx',
  // Whoever reads French fetches it besides the English one.
  'src/words/fr.ts',
];
const OTHER_PAGES = ['calls', 'recharges', 'people', 'rates', 'report', 'operations'].map(
  (name) => `src/pages/${name}/${name}-page.tsx`,
);

test(`the overview is there after less than ${MAX_FIRST_LOAD_BYTES / 1024} KiB`, () => {
  const files = ['index.html', ...filesOf(OVERVIEW)];
  const bytes = files.map((file) => gzipSync(readFileSync(new URL(file, dist))).length);
  expect(files.filter((file) => file.endsWith('.css'))).not.toEqual([]);
  expect(bytes.reduce((sum, size) => sum + size, 0)).toBeLessThan(MAX_FIRST_LOAD_BYTES);
});

test('every other page is fetched when it is opened', () => {
  const first = filesOf(OVERVIEW);
  for (const page of OTHER_PAGES) expect(first).not.toContain(chunkOf(page).file);
});

/** Each with all that it imports, once. */
function filesOf(names: readonly string[]): readonly string[] {
  const seen = new Set<string>();
  const files = new Set<string>();
  const rest = [...names];
  for (let name = rest.pop(); name !== undefined; name = rest.pop()) {
    if (seen.has(name)) continue;
    seen.add(name);
    const { file, css = [], imports = [] } = chunkOf(name);
    for (const each of [file, ...css]) files.add(each);
    rest.push(...imports);
  }
  return [...files];
}

function chunkOf(name: string): Chunk {
  const chunk = manifest[name];
  if (chunk === undefined) throw new Error(`The build has no ${name}; it knows ${Object.keys(manifest).join(', ')}`);
  return chunk;
}
