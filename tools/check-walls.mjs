// Proves that the walls stand: lint must refuse every file of test/fixtures/walls, each of which breaks one of them, and
// every project may depend only on layers that its own layer's tag allows.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';

const ALLOWED = {
  'layer:domain': ['layer:domain', 'layer:tests'],
  'layer:adapter': ['layer:tests'],
  'layer:joint': ['layer:joint', 'layer:domain', 'layer:adapter', 'layer:tests'],
  'layer:app': ['layer:domain', 'layer:adapter', 'layer:joint', 'layer:tests'],
  'layer:tests': ['layer:domain', 'layer:adapter', 'layer:joint', 'layer:app', 'layer:tests'],
};
/** Composes the other programs in one process. */
const COMPOSES_APPS = '@tollkeeper/app-standalone';

const faults = [...fixturesNotRefused(), ...dependenciesNotAllowed()];
for (const fault of faults) console.error(`walls: ${fault}`);
if (faults.length > 0) process.exit(1);
console.log('walls: every bad import is refused, every dependency is allowed');

function fixturesNotRefused() {
  const folder = mkdtempSync(join(tmpdir(), 'walls-'));
  try {
    cpSync('test/fixtures/walls', folder, { recursive: true });
    cpSync('oxlint.config.ts', join(folder, 'oxlint.config.ts'));
    const { stdout } = spawnSync('oxlint', ['--format', 'unix', '.'], { cwd: folder, encoding: 'utf8' });
    const refused = stdout.split('\n').filter((line) => line.includes('no-restricted-imports'));
    const files = readdirSync(folder, { recursive: true }).filter(
      (file) => file.endsWith('.ts') && basename(file) !== 'oxlint.config.ts',
    );
    if (files.length === 0) return ['test/fixtures/walls holds no file; the proof is gone'];
    return files.filter((file) => !refused.some((line) => line.includes(file))).map((file) => `lint does not refuse ${file}`);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function dependenciesNotAllowed() {
  const projects = new Map();
  for (const group of ['libs', 'apps']) {
    for (const name of readdirSync(group)) {
      const manifest = JSON.parse(readFileSync(join(group, name, 'package.json'), 'utf8'));
      projects.set(manifest.name, manifest);
    }
  }
  const found = [];
  for (const manifest of projects.values()) {
    const layer = manifest.nx.tags[0];
    for (const dependency of Object.keys({ ...manifest.dependencies, ...manifest.devDependencies })) {
      const other = projects.get(dependency)?.nx.tags[0];
      if (other === undefined || ALLOWED[layer].includes(other)) continue;
      if (manifest.name === COMPOSES_APPS && other === 'layer:app') continue;
      found.push(`${manifest.name} (${layer}) may not depend on ${dependency} (${other})`);
    }
  }
  return found;
}
