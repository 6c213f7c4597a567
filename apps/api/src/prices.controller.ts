// HTTP, prices: what a call would cost and how long credit would last, by the rate deck of the instant. It holds nothing.

import { setTimeout as delay } from 'node:timers/promises';
import { Body, Controller, HttpCode, Inject, Post } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { chargeRecord } from '@tollkeeper/charge';
import { availableOf, planAt } from '@tollkeeper/ledger';
import { microsOf } from '@tollkeeper/money';
import { isRatingRejection, quote, type Deck } from '@tollkeeper/rating';
import { Accounts } from './accounts.js';
import { PriceView } from './answers.js';
import { API_PARTS, type ApiParts } from './parts.js';
import { PriceBody } from './price-requests.js';
import { problem, refusedByLedger } from './problem.js';

/** At the start of the program, while the event store is slow to answer. */
const DECKS_WITHIN_MS = 5_000;

type Payer = { readonly plan: string; readonly currency: string; readonly balanceMicros?: bigint };

@ApiTags('prices')
@Controller('v1/prices')
export class PricesController {
  constructor(
    @Inject(API_PARTS) private readonly parts: ApiParts,
    @Inject(Accounts) private readonly accounts: Accounts,
  ) {}

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
    const deck = await this.deckOf(plan, answerTimeMs);
    const balanceMicros = body.balance === undefined ? payer.balanceMicros : microsOf(body.balance);
    const call = { plan, currency, category, calledNumber, answerTimeMs, usageMs: Math.round(usageSeconds * 1000) };
    const quoted = quote(call, deck, balanceMicros === undefined ? {} : { balanceMicros });
    if (isRatingRejection(quoted)) throw problem(quoted.code, `${quoted.reason}.`);
    const { charge, maxUsageSeconds } = quoted;
    return { ...chargeRecord(charge), ...(maxUsageSeconds === undefined ? {} : { maxUsageSeconds }) };
  }

  private async payerOf({ tenant, plan = 'default', currency = '' }: PriceBody, answerTimeMs: number): Promise<Payer> {
    if (tenant === undefined) return { plan, currency };
    const payer = await this.accounts.query(tenant, (account): Payer | undefined =>
      account.open
        ? { plan: planAt(account, answerTimeMs), currency: account.currency, balanceMicros: availableOf(account) }
        : undefined,
    );
    if (payer !== undefined) return payer;
    throw refusedByLedger({ code: 'account-not-open', reason: `tenant ${tenant} has no account; open one first` });
  }

  private async untilKnown(): Promise<void> {
    const late = delay(DECKS_WITHIN_MS, 'late', { ref: false });
    if ((await Promise.race([this.parts.decks.ready, late])) !== 'late') return;
    throw problem('engine-unavailable', 'The rate decks have not been read from the event store yet.');
  }

  private async deckOf(plan: string, atMs: number): Promise<Deck> {
    const { decks } = this.parts;
    await this.untilKnown();
    const hash = decks.hashAt(plan, atMs);
    if (hash !== undefined) return decks.deck(hash);
    const instant = new Date(atMs).toISOString();
    throw problem('no-plan', `Plan ${plan} has no rate deck that is active at ${instant}; tollkeeper deck activate makes it so.`);
  }
}
