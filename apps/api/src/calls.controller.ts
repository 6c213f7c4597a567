// HTTP, calls: those of a tenant, found by what is known of them, and the explanation of each charge.

import { Controller, Get, Headers, Inject, Param, Query, Res } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Accounts } from './accounts.js';
import { CallsPage } from './call-answers.js';
import { CallPath, CallsQuery, ExplanationQuery } from './call-requests.js';
import { Calls } from './calls.js';
import { ExplanationView } from './explanation-answers.js';
import { Explanations } from './explanations.js';
import { goneSignal } from './gone.js';
import { OPERATOR, Operator } from './operator.js';
import { TenantPath } from './requests.js';

@ApiTags('calls')
@Controller('v1/tenants/:tenant/calls')
export class CallsController {
  constructor(
    @Inject(Accounts) private readonly accounts: Accounts,
    @Inject(Calls) private readonly calls: Calls,
    @Inject(Explanations) private readonly explanations: Explanations,
    @Inject(Operator) private readonly operator: Operator,
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

  @Get(':id/explanation')
  @ApiOperation({ summary: 'A call from the record that came in to the money that went out, with the sum done again.' })
  @ApiBearerAuth(OPERATOR)
  @ApiOkResponse({ type: ExplanationView })
  async explanation(
    @Param() { tenant, id }: CallPath,
    @Query() question: ExplanationQuery,
    @Headers('authorization') authorization: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ExplanationView> {
    const country = await this.accounts.opened(tenant, ({ terms }) => terms.country);
    return this.explanations.of({ tenant, country }, { id, ...question }, this.operator.is(authorization), goneSignal(reply));
  }
}
