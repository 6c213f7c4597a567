// The file that an operator writes: its text in; which switches there are and what names their tenants out, or what is wrong with it.

import { compileIntake, type Intake } from './intake.js';
import { parseSources } from './source.js';

export type SourcesRead =
  | { readonly sources: Intake; readonly faults?: undefined }
  | { readonly sources?: undefined; readonly faults: readonly string[] };

/** @param textOf reads the file; this package opens none. */
export function readSources(file: string, textOf: (file: string) => string): SourcesRead {
  try {
    const parsed = parseSources(JSON.parse(textOf(file)));
    const compiled = 'faults' in parsed ? parsed : compileIntake(parsed.sources);
    if ('intake' in compiled) return { sources: compiled.intake };
    return { faults: compiled.faults.map(({ path, message }) => `${file}: ${path} ${message}`) };
  } catch (error) {
    return { faults: [`${file} cannot be read: ${(error as Error).message}`] };
  }
}
