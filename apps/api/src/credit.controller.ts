// HTTP, credit: how it stands on the stream itself, and how much of it to buy.

import { Controller, Get, Inject, Param } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { ADVICE_MONTHS, adviceFor, monthsLater, type Advice } from '@tollkeeper/projections';
import { Accounts } from './accounts.js';
import { Balances } from './balances.js';
import { creditOf } from './credit.js';
import { AdviceView, CreditView } from './credit-answers.js';
import { API_PARTS, type ApiParts } from './parts.js';
import { TenantPath } from './requests.js';

@ApiTags('credit')
@Controller('v1/tenants/:tenant')
export class CreditController {
  constructor(
    @Inject(API_PARTS) private readonly parts: ApiParts,
    @Inject(Accounts) private readonly accounts: Accounts,
    @Inject(Balances) private readonly balances: Balances,
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

  @Get('advice')
  @ApiOperation({
    summary: 'At which balance to recharge and by how much, from two months of usage on; a moment behind the stream.',
  })
  @ApiOkResponse({ type: AdviceView })
  async advice(@Param() { tenant }: TenantPath): Promise<AdviceView> {
    const { nowMs, minimumPurchase } = this.parts.options;
    const currency = await this.accounts.opened(tenant, (account) => account.currency);
    const today = new Date(nowMs()).toISOString().slice(0, 10);
    const { days, firstDay } = await this.balances.usage(tenant, monthsLater(today, -ADVICE_MONTHS));
    const minimumMicros = minimumPurchase.get(currency);
    const advice = adviceFor(days, { firstDay, today, ...(minimumMicros === undefined ? {} : { minimumMicros }) });
    return { tenant, currency, ...advice, explanation: explanationOf(advice, currency) };
  }
}

function explanationOf(advice: Advice, currency: string): string {
  if (advice.tooEarly) return `There is advice after two months of usage, from ${advice.from} on.`;
  const { trigger, amount, basis } = advice;
  const { from, to, days, spent, meanMonth, mostInThreeDays: most, minimum } = basis;
  const sentences = [
    `From ${from} to ${to}, ${days} days, calls cost ${spent} ${currency}: ${meanMonth} a month.`,
    `The costliest three days, ${most.from} to ${most.to}, cost ${most.amount}; a failed card may take as long to be mended.`,
    `Rounded up: recharge by ${amount} when less than ${trigger} ${currency} are available.`,
  ];
  if (minimum !== null) sentences.push(`No less than ${minimum} is sold.`);
  return sentences.join(' ');
}
