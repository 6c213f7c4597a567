// HTTP, what has been: the balance day by day, and every recharge.

import { Controller, Get, Inject, Param, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Accounts } from './accounts.js';
import { BalanceHistory } from './balance-history.js';
import { BalanceHistoryView, RechargesPage } from './history-answers.js';
import { HistoryQuery, RechargesQuery } from './history-requests.js';
import { RechargeHistory } from './recharge-history.js';
import { TenantPath } from './requests.js';

@ApiTags('history')
@Controller('v1/tenants/:tenant')
export class HistoryController {
  constructor(
    @Inject(Accounts) private readonly accounts: Accounts,
    @Inject(BalanceHistory) private readonly balances: BalanceHistory,
    @Inject(RechargeHistory) private readonly recharges: RechargeHistory,
  ) {}

  @Get('balance/history')
  @ApiOperation({ summary: 'The balance day by day, and when it runs out at the pace of late; a moment behind the stream.' })
  @ApiOkResponse({ type: BalanceHistoryView })
  history(@Param() { tenant }: TenantPath, @Query() { days }: HistoryQuery): Promise<BalanceHistoryView> {
    return this.balances.of(tenant, days);
  }

  @Get('recharges')
  @ApiOperation({ summary: 'Recharges and what became of them, newest first, page by page; a moment behind the stream.' })
  @ApiOkResponse({ type: RechargesPage })
  async rechargesPage(@Param() { tenant }: TenantPath, @Query() question: RechargesQuery): Promise<RechargesPage> {
    await this.accounts.opened(tenant, () => undefined);
    return this.recharges.page(tenant, question);
  }
}
