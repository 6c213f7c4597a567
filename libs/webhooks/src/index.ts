// Webhooks: a tenant's endpoints, kept for the programs that add them over HTTP and the one that sends to them.

export {
  DISABLE_AFTER_FAILURES,
  DISABLE_AFTER_MS,
  isSubscribed,
  MAX_ENDPOINTS_PER_TENANT,
  WebhookEndpoints,
} from './endpoints.js';
export type { AddedWebhook, NewWebhook, WebhookEndpointsOptions } from './endpoints.js';
export { WEBHOOK_MIGRATIONS } from './endpoint.js';
export type { DisabledReason, WebhookEndpoint, WebhookEndpointRow, WebhookTables } from './endpoint.js';
export { isWebhookRejection, WEBHOOK_REJECTION_CODES } from './rejection.js';
export type { WebhookRejection, WebhookRejectionCode } from './rejection.js';
export { isPrivateAddress, isPrivateHost, judgeUrl, publicLookup } from './target.js';
