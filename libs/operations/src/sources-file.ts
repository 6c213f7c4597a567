// The file that an operator writes: which switches there are, and what names their tenants.

import { readFileSync } from 'node:fs';
import { readSources, type SourcesRead } from '@tollkeeper/rating';

export function readSourcesFile(file: string): SourcesRead {
  return readSources(file, (path) => readFileSync(path, 'utf8'));
}
