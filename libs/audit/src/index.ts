// Audit: the ledger's streams, read by somebody who asks what happened, why, and whether it is right.

export { explainCall, type Explained, type ExplainParts } from './explain/explain-call.js';
export type { Explanation } from './explain/explanation.js';
export { type CallQuery, type FoundCall } from './explain/find-call.js';
export { explanationPage } from './explain/page.js';
