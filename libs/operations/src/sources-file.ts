// The file that an operator writes: which switches there are, and what names their tenants.

import { readFileSync } from 'node:fs';
import { compileIntake, parseSources, type Intake } from '@tollkeeper/rating';

export type SourcesRead =
  | { readonly sources: Intake; readonly faults?: undefined }
  | { readonly sources?: undefined; readonly faults: readonly string[] };

export function readSourcesFile(file: string): SourcesRead {
  try {
    const parsed = parseSources(JSON.parse(readFileSync(file, 'utf8')));
    const compiled = 'faults' in parsed ? parsed : compileIntake(parsed.sources);
    if ('intake' in compiled) return { sources: compiled.intake };
    return { faults: compiled.faults.map(({ path, message }) => `${file}: ${path} ${message}`) };
  } catch (error) {
    return { faults: [`${file} cannot be read: ${(error as Error).message}`] };
  }
}
