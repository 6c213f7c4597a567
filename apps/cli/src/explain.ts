// `tollkeeper explain`: a CDR id in, the page that explains the call out.

import type { Engines } from './engines.js';

export type ExplainOptions = { readonly tenant?: string; readonly source?: string; readonly json?: boolean };

export async function explain(_cdrId: string, _options: ExplainOptions, _engines: Engines): Promise<void> {}
