// HTTP, accounts: open one, see its balance, its events, and its balance as it changes.

import { Body, Controller, Get, Headers, Inject, Param, Put, Query, Req, Res } from '@nestjs/common';
import { ApiHeader, ApiOkResponse, ApiOperation, ApiProduces, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { RecordedEvent } from '@tollkeeper/event-store';
import { streamOf } from '@tollkeeper/ledger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Accounts } from './accounts.js';
import { BalanceView, EventsPage, TenantsPage, WriteAnswer, type EventView } from './answers.js';
import { Balances } from './balances.js';
import { IDEMPOTENCY_HEADER, IdempotencyKeys, idempotencyKeyOf } from './idempotency.js';
import { LiveBalances } from './live-balances.js';
import { API_PARTS, type ApiParts } from './parts.js';
import { PlanBody } from './price-requests.js';
import { problem, refusedByLedger } from './problem.js';
import { BalanceQuery, EventsQuery, OpenAccountBody, TenantPath, TenantsQuery } from './requests.js';

@ApiTags('accounts')
@Controller('v1/tenants')
export class TenantsController {
  constructor(
    @Inject(API_PARTS) private readonly parts: ApiParts,
    @Inject(Accounts) private readonly accounts: Accounts,
    @Inject(Balances) private readonly balances: Balances,
    @Inject(IdempotencyKeys) private readonly keys: IdempotencyKeys,
    @Inject(LiveBalances) private readonly live: LiveBalances,
  ) {}

  @Put(':tenant')
  @ApiOperation({ summary: 'Opens an account; opening it again alike changes nothing.' })
  @ApiHeader(IDEMPOTENCY_HEADER)
  @ApiResponse({ status: 201, type: WriteAnswer, description: 'Opened.' })
  @ApiOkResponse({ type: WriteAnswer, description: 'It was open already, in the same currency and plan.' })
  async open(
    @Param() { tenant }: TenantPath,
    @Body() body: OpenAccountBody,
    @Headers('idempotency-key') header: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<WriteAnswer> {
    const { currency, plan, intakeWindowDays } = body;
    const request = { currency, intakeWindowDays, plan, write: 'open-account' };
    const answer = await this.keys.once(tenant, idempotencyKeyOf(header), request, () =>
      this.accounts.execute(tenant, { kind: 'open-account', currency, plan, intakeWindowDays }),
    );
    void reply.status(answer.changed ? 201 : 200);
    return answer;
  }

  @Put(':tenant/plan')
  @ApiOperation({ summary: 'Changes the rate plan for calls answered from an instant on.' })
  @ApiHeader(IDEMPOTENCY_HEADER)
  @ApiOkResponse({ type: WriteAnswer })
  changePlan(
    @Param() { tenant }: TenantPath,
    @Body() { plan, from }: PlanBody,
    @Headers('idempotency-key') header: string | undefined,
  ): Promise<WriteAnswer> {
    const request = { from: from ?? null, plan, write: 'change-plan' };
    return this.keys.once(tenant, idempotencyKeyOf(header), request, () => {
      const fromMs = from === undefined ? this.parts.options.nowMs() : Date.parse(from);
      return this.accounts.execute(tenant, { kind: 'change-plan', plan, fromMs });
    });
  }

  @Get()
  @ApiOperation({ summary: 'Balances of all tenants, page by page.' })
  @ApiOkResponse({ type: TenantsPage })
  async list(@Query() { after, limit }: TenantsQuery): Promise<TenantsPage> {
    const rows = await this.balances.page(after, limit + 1);
    const tenants = rows.slice(0, limit);
    const last = tenants.at(-1);
    const next = rows.length > limit && last !== undefined ? `/v1/tenants?after=${last.tenant}&limit=${limit}` : null;
    return { tenants, next };
  }

  @Get(':tenant/balance')
  @ApiOperation({ summary: 'The balance in the read model, a moment behind the stream.' })
  @ApiOkResponse({ type: BalanceView })
  balance(@Param() { tenant }: TenantPath, @Query() { minRevision }: BalanceQuery): Promise<BalanceView> {
    return this.balances.of(tenant, minRevision);
  }

  @Get(':tenant/events')
  @ApiOperation({ summary: "The account's events as they are stored, page by page." })
  @ApiOkResponse({ type: EventsPage })
  async events(@Param() { tenant }: TenantPath, @Query() { fromRevision, limit }: EventsQuery): Promise<EventsPage> {
    const found = await this.readEvents(tenant, fromRevision, limit + 1);
    if (found.length === 0 && (fromRevision === 0 || (await this.readEvents(tenant, 0, 1)).length === 0)) {
      throw refusedByLedger({ code: 'account-not-open', reason: `tenant ${tenant} has no account; open one first` });
    }
    const from = fromRevision + limit;
    const next = found.length > limit ? `/v1/tenants/${tenant}/events?fromRevision=${from}&limit=${limit}` : null;
    return { tenant, events: found.slice(0, limit).map(viewOf), next };
  }

  @Get(':tenant/balance/live')
  @ApiOperation({ summary: 'The balance as it changes, as server-sent events: `id` is the revision, `event` is `balance`.' })
  @ApiHeader({ name: 'Last-Event-ID', required: false, description: 'Resumes after this revision; nothing is missed.' })
  @ApiProduces('text/event-stream')
  @ApiOkResponse({ description: 'Events without end; comments in between keep the connection open.', schema: { type: 'string' } })
  async listen(
    @Param() { tenant }: TenantPath,
    @Headers('last-event-id') lastEventId: string | undefined,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const lastRevision = revisionOf(lastEventId);
    await this.live.listen(tenant, lastRevision, () => {
      reply.hijack();
      request.socket.setNoDelay(true);
      return reply.raw;
    });
  }

  private async readEvents(tenant: string, fromRevision: number, maxCount: number): Promise<readonly RecordedEvent[]> {
    const found: RecordedEvent[] = [];
    const pages = this.parts.eventStore.readStream(streamOf(tenant), { fromRevision, maxCount });
    for await (const page of pages) found.push(...page);
    return found;
  }
}

function viewOf({ id, type, stream, revision, position, data, metadata }: RecordedEvent): EventView {
  return { id, type, stream, revision, position: String(position), data, metadata };
}

function revisionOf(lastEventId: string | undefined): number | undefined {
  if (lastEventId === undefined || lastEventId === '') return undefined;
  if (/^\d{1,15}$/.test(lastEventId)) return Number(lastEventId);
  const errors = [{ parameter: 'Last-Event-ID', detail: 'must be the id of an event of this stream' }];
  throw problem('parameter-invalid', 'The header Last-Event-ID must be the id of an event of this stream.', { errors });
}
