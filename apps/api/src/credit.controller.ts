// HTTP, credit: how it stands on the stream itself.

import { Controller, Get, Inject, Param } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Accounts } from './accounts.js';
import { creditOf } from './credit.js';
import { CreditView } from './credit-answers.js';
import { API_PARTS, type ApiParts } from './parts.js';
import { TenantPath } from './requests.js';

@ApiTags('credit')
@Controller('v1/tenants/:tenant')
export class CreditController {
  constructor(
    @Inject(API_PARTS) private readonly parts: ApiParts,
    @Inject(Accounts) private readonly accounts: Accounts,
  ) {}

  @Get('credit')
  @ApiOperation({
    summary: 'Lots, holds, included minutes, auto-recharge and alarms, read from the stream: every write before it is in it.',
  })
  @ApiOkResponse({ type: CreditView })
  credit(@Param() { tenant }: TenantPath): Promise<CreditView> {
    const nowMs = this.parts.options.nowMs();
    return this.accounts.opened(tenant, (account) => creditOf(account, nowMs));
  }
}
