// Webhooks' keeper behind HTTP: a tenant's endpoints to add, list and change come in; endpoints, or problems, go out.

import { createHash } from 'node:crypto';
import { canonicalJson } from '@tollkeeper/ledger';
import { prepareNames, pseudonymOf } from '@tollkeeper/people';
import { MESSAGE_TYPES } from '@tollkeeper/projections';
import { ReadStoreError } from '@tollkeeper/read-store';
import {
  isWebhookRejection,
  WEBHOOK_MIGRATIONS,
  WebhookEndpoints,
  type WebhookEndpoint,
  type WebhookRejection,
} from '@tollkeeper/webhooks';
import type { Accounts } from './accounts.js';
import type { ApiParts } from './parts.js';
import { personsErased, refusedWebhook } from './problem.js';

type WebhookParts = Pick<ApiParts, 'readStore' | 'ring'> & {
  readonly options: Pick<ApiParts['options'], 'allowPrivateWebhooks' | 'nowMs'>;
};

export type WantedWebhook = { readonly url: string; readonly types: readonly string[] | null };

/** The secret is null when the endpoint stood already. */
export type Standing = { readonly endpoint: WebhookEndpoint; readonly secret: string | null };

export class Webhooks {
  readonly #parts: WebhookParts;
  readonly #accounts: Accounts;
  readonly #endpoints: WebhookEndpoints;
  #migrated: Promise<void> | undefined;

  constructor(parts: WebhookParts, accounts: Accounts) {
    const { readStore: store, ring, options } = parts;
    const { allowPrivateWebhooks: allowPrivate, nowMs } = options;
    this.#parts = parts;
    this.#accounts = accounts;
    this.#endpoints = new WebhookEndpoints({ store, ring, messageTypes: MESSAGE_TYPES, allowPrivate, nowMs });
  }

  /** With a key, a repeat finds the endpoint that the first added, even when the first died before it answered. */
  async add(tenant: string, wanted: WantedWebhook, key: string | undefined): Promise<Standing> {
    await this.#ready(tenant);
    const { ring } = this.#parts;
    await prepareNames(ring, tenant);
    // Without the tenant's key the secret would be sealed for nobody, and no message could be signed.
    if (pseudonymOf(ring, tenant, 'webhooks') === undefined) throw personsErased(tenant);
    if (key === undefined) return granted(await this.#endpoints.add({ tenant, ...wanted }));
    const id = idOf(tenant, wanted, key);
    const before = await this.#find(tenant, id);
    if (before !== undefined) return { endpoint: before, secret: null };
    try {
      return granted(await this.#endpoints.add({ tenant, id, ...wanted }));
    } catch (error) {
      const isThere = error instanceof ReadStoreError && error.code === 'constraint';
      const endpoint = isThere ? await this.#find(tenant, id) : undefined;
      if (endpoint === undefined) throw error;
      return { endpoint, secret: null };
    }
  }

  async list(tenant: string): Promise<readonly WebhookEndpoint[]> {
    await this.#ready(tenant);
    return this.#endpoints.list(tenant);
  }

  async remove(tenant: string, id: string): Promise<void> {
    await this.#ready(tenant);
    const rejection = await this.#endpoints.remove(tenant, id);
    if (rejection !== undefined) throw refusedWebhook(rejection);
  }

  async set(tenant: string, id: string, status: 'enable' | 'disable'): Promise<WebhookEndpoint> {
    await this.#ready(tenant);
    return granted(await this.#endpoints[status](tenant, id));
  }

  async #find(tenant: string, id: string): Promise<WebhookEndpoint | undefined> {
    return (await this.#endpoints.list(tenant)).find((endpoint) => endpoint.id === id);
  }

  /** The tables at first use, not at start: a read store that is down must not keep the API from starting. */
  async #ready(tenant: string): Promise<void> {
    await this.#accounts.opened(tenant, () => undefined);
    this.#migrated ??= this.#parts.readStore.migrate(WEBHOOK_MIGRATIONS).catch((error: unknown) => {
      this.#migrated = undefined;
      throw error;
    });
    await this.#migrated;
  }
}

/** @throws ProblemError */
function granted<Answer extends object>(answer: Answer | WebhookRejection): Answer {
  if (isWebhookRejection(answer)) throw refusedWebhook(answer);
  return answer;
}

/** A UUID of what was asked for, of version 8, which is free for such uses (RFC 9562). */
function idOf(tenant: string, { url, types }: WantedWebhook, key: string): string {
  const text = canonicalJson({ key, tenant, types: types === null ? null : [...types], url });
  const hex = createHash('sha256').update(text).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
