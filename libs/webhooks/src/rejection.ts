// Webhooks, what cannot be asked of them: a request to add or change an endpoint → a coded rejection.

/** In order of precedence. */
export const WEBHOOK_REJECTION_CODES = [
  'webhook-unknown', // the tenant has no such endpoint
  'webhook-url-invalid', // not an absolute http(s) URL without credentials or fragment, of bounded length
  'webhook-url-not-https',
  'webhook-url-private', // names this machine or its network, which a subscriber must not reach through us
  'webhook-type-unknown',
  'webhook-too-many', // the tenant has as many as it may
] as const;
export type WebhookRejectionCode = (typeof WEBHOOK_REJECTION_CODES)[number];

export type WebhookRejection = { readonly code: WebhookRejectionCode; readonly reason: string };

export function isWebhookRejection(value: object): value is WebhookRejection {
  return 'code' in value && 'reason' in value;
}

export function rejected(code: WebhookRejectionCode, reason: string): WebhookRejection {
  return { code, reason };
}
