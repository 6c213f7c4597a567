// Which file names the switches, for every command that needs them: options in, its path out.

import { sourcesFileOf } from '@tollkeeper/operations';

/** By option, by setting, or that of the server that works on the folder, or did last. */
export function switchesFileOf({
  sources,
  data,
}: {
  readonly sources?: string | undefined;
  readonly data?: string | undefined;
}): string | undefined {
  return sources ?? (process.env['SOURCES_FILE'] || (data === undefined ? undefined : sourcesFileOf(data)));
}
