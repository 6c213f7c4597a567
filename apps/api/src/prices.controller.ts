// HTTP, prices: what a call would cost and how long credit would last, by the rate deck of the instant. It holds nothing.

import { Body, Controller, HttpCode, Inject, Post } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { chargeRecord } from '@tollkeeper/charge';
import { availableOf, planAt } from '@tollkeeper/ledger';
import { microsOf } from '@tollkeeper/money';
import { isRatingRejection, quote } from '@tollkeeper/rating';
import { Accounts } from './accounts.js';
import { ActiveDecks } from './active-decks.js';
import { PriceView } from './answers.js';
import { API_PARTS, type ApiParts } from './parts.js';
import { PriceBody } from './price-requests.js';
import { problem } from './problem.js';

type Payer = { readonly plan: string; readonly currency: string; readonly balanceMicros?: bigint };

@ApiTags('prices')
@Controller('v1/prices')
export class PricesController {
  private readonly decks: ActiveDecks;

  constructor(
    @Inject(API_PARTS) private readonly parts: ApiParts,
    @Inject(Accounts) private readonly accounts: Accounts,
  ) {
    this.decks = new ActiveDecks(parts.decks);
  }

  @Post()
  @HttpCode(200)
  @ApiOperation({
    summary: 'What a call would cost, and how long a balance would last, with all that is needed to redo the sum.',
  })
  @ApiOkResponse({ type: PriceView })
  async price(@Body() body: PriceBody): Promise<PriceView> {
    const { category, calledNumber, usageSeconds } = body;
    const answerTimeMs = body.answerTime === undefined ? this.parts.options.nowMs() : Date.parse(body.answerTime);
    const payer = await this.payerOf(body, answerTimeMs);
    const { plan, currency } = payer;
    const deck = await this.decks.at(plan, answerTimeMs);
    const balanceMicros = body.balance === undefined ? payer.balanceMicros : microsOf(body.balance);
    const call = { plan, currency, category, calledNumber, answerTimeMs, usageMs: Math.round(usageSeconds * 1000) };
    const quoted = quote(call, deck, balanceMicros === undefined ? {} : { balanceMicros });
    if (isRatingRejection(quoted)) throw problem(quoted.code, `${quoted.reason}.`);
    const { charge, maxUsageSeconds } = quoted;
    return { ...chargeRecord(charge), ...(maxUsageSeconds === undefined ? {} : { maxUsageSeconds }) };
  }

  private async payerOf({ tenant, plan = 'default', currency = '' }: PriceBody, answerTimeMs: number): Promise<Payer> {
    if (tenant === undefined) return { plan, currency };
    return this.accounts.opened(tenant, (account) => ({
      plan: planAt(account, answerTimeMs),
      currency: account.currency,
      balanceMicros: availableOf(account),
    }));
  }
}
