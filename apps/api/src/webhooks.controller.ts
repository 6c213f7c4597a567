// HTTP, a tenant's webhooks: where its programs want to be told of changes, and how those have answered lately.

import { Body, Controller, Delete, Get, Headers, HttpCode, Inject, Param, Post, Res } from '@nestjs/common';
import { ApiCreatedResponse, ApiHeader, ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { IDEMPOTENCY_HEADER, IdempotencyKeys, idempotencyKeyOf } from './idempotency.js';
import { TenantPath } from './requests.js';
import { AddedWebhookView, WebhooksView, WebhookView } from './webhook-answers.js';
import { WebhookBody, WebhookPath } from './webhook-requests.js';
import { Webhooks } from './webhooks.js';

const ADD = `Messages are signed with the secret, which is in this answer and nowhere else.

Whoever sends the same Idempotency-Key again is answered 200 with the endpoint and without its secret, which is not kept for
repeats: a client that never saw it removes the endpoint and adds it anew, under another key.`;

@ApiTags('webhooks')
@Controller('v1/tenants/:tenant/webhooks')
export class WebhooksController {
  constructor(
    @Inject(Webhooks) private readonly webhooks: Webhooks,
    @Inject(IdempotencyKeys) private readonly keys: IdempotencyKeys,
  ) {}

  @Post()
  @ApiOperation({ summary: 'Adds an endpoint that is called with what happens from now on.', description: ADD })
  @ApiHeader(IDEMPOTENCY_HEADER)
  @ApiCreatedResponse({ type: AddedWebhookView })
  @ApiOkResponse({ type: AddedWebhookView, description: 'The key came again: the endpoint, without its secret.' })
  async add(
    @Param() { tenant }: TenantPath,
    @Body() { url, types = null }: WebhookBody,
    @Headers('idempotency-key') header: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<AddedWebhookView> {
    const key = idempotencyKeyOf(header);
    const request = { types: types === null ? null : [...types], url, write: 'add-webhook' };
    // Goes by the keys' memory, which stands unsealed in the read store.
    let secret = null as string | null;
    const endpoint = await this.keys.once(tenant, key, request, async () => {
      const added = await this.webhooks.add(tenant, { url, types }, key);
      secret = added.secret;
      return added.endpoint;
    });
    void reply.status(secret === null ? 200 : 201);
    return { ...endpoint, secret };
  }

  @Get()
  @ApiOperation({ summary: 'The endpoints and how they have answered lately; no secrets.' })
  @ApiOkResponse({ type: WebhooksView })
  async list(@Param() { tenant }: TenantPath): Promise<WebhooksView> {
    return { tenant, webhooks: await this.webhooks.list(tenant) };
  }

  @Delete(':id')
  @HttpCode(204)
  @ApiOperation({ summary: 'Removes an endpoint; what is on its way may still arrive.' })
  @ApiHeader(IDEMPOTENCY_HEADER)
  @ApiNoContentResponse()
  async remove(@Param() { tenant, id }: WebhookPath, @Headers('idempotency-key') header: string | undefined): Promise<void> {
    await this.keys.once(tenant, idempotencyKeyOf(header), { id, write: 'remove-webhook' }, async () => {
      await this.webhooks.remove(tenant, id);
      return null;
    });
  }

  @Post(':id/enable')
  @HttpCode(200)
  @ApiOperation({ summary: 'Begins anew, whatever disabled it: what has waited meanwhile is sent, unless it is too old.' })
  @ApiHeader(IDEMPOTENCY_HEADER)
  @ApiOkResponse({ type: WebhookView })
  enable(@Param() path: WebhookPath, @Headers('idempotency-key') header: string | undefined): Promise<WebhookView> {
    return this.set(path, 'enable', header);
  }

  @Post(':id/disable')
  @HttpCode(200)
  @ApiOperation({ summary: 'Calls it no more until it is enabled.' })
  @ApiHeader(IDEMPOTENCY_HEADER)
  @ApiOkResponse({ type: WebhookView })
  disable(@Param() path: WebhookPath, @Headers('idempotency-key') header: string | undefined): Promise<WebhookView> {
    return this.set(path, 'disable', header);
  }

  private set({ tenant, id }: WebhookPath, status: 'enable' | 'disable', header: string | undefined): Promise<WebhookView> {
    return this.keys.once(tenant, idempotencyKeyOf(header), { id, write: `${status}-webhook` }, () =>
      this.webhooks.set(tenant, id, status),
    );
  }
}
