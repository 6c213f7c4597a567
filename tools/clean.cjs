// Removes what the compiler wrote, so that a deleted source file leaves no test behind.
'use strict';
const { readdirSync, rmSync, existsSync } = require('node:fs');
const { join } = require('node:path');

const root = join(__dirname, '..');
for (const folder of ['apps', 'libs']) {
  if (!existsSync(join(root, folder))) continue;
  for (const project of readdirSync(join(root, folder))) {
    rmSync(join(root, folder, project, 'dist'), { recursive: true, force: true });
  }
}
rmSync(join(root, 'apps', 'console', 'compiled'), { recursive: true, force: true });
rmSync(join(root, 'test', 'dist'), { recursive: true, force: true });
