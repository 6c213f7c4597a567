// HTTP, calls: those of a tenant, found by what is known of them, and the explanation of each charge.

import { Controller, Get, Inject, Param, Query, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Accounts } from './accounts.js';
import { CallsPage } from './call-answers.js';
import { CallsQuery } from './call-requests.js';
import { Calls } from './calls.js';
import { goneSignal } from './gone.js';
import { TenantPath } from './requests.js';

@ApiTags('calls')
@Controller('v1/tenants/:tenant/calls')
export class CallsController {
  constructor(
    @Inject(Accounts) private readonly accounts: Accounts,
    @Inject(Calls) private readonly calls: Calls,
  ) {}

  @Get()
  @ApiOperation({ summary: 'The calls, newest first, page by page; a moment behind the stream.' })
  @ApiOkResponse({ type: CallsPage })
  async page(
    @Param() { tenant }: TenantPath,
    @Query() question: CallsQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<CallsPage> {
    const account = await this.accounts.opened(tenant, ({ currency, terms }) => ({ currency, country: terms.country }));
    return this.calls.page({ tenant, ...account }, question, goneSignal(reply));
  }
}
