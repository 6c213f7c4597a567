// HTTP, an account's conditions: its terms, which are the operator's to set, and who is written to.

import { Body, Controller, Get, Headers, Inject, Param, Put } from '@nestjs/common';
import { ApiBearerAuth, ApiHeader, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { AccountTerms, JsonObject } from '@tollkeeper/ledger';
import { decimalOf, microsOf } from '@tollkeeper/money';
import { openRecipients, prepareNames, sealRecipients } from '@tollkeeper/people';
import { RecipientsView, TermsView } from './account-answers.js';
import { RecipientsBody, TermsBody } from './account-requests.js';
import { Accounts } from './accounts.js';
import { WriteAnswer } from './answers.js';
import { IDEMPOTENCY_HEADER, IdempotencyKeys, idempotencyKeyOf } from './idempotency.js';
import { OPERATOR, Operator } from './operator.js';
import { API_PARTS, type ApiParts } from './parts.js';
import { personsErased } from './problem.js';
import { TenantPath } from './requests.js';

@ApiTags('terms')
@Controller('v1/tenants/:tenant')
export class TermsController {
  constructor(
    @Inject(API_PARTS) private readonly parts: ApiParts,
    @Inject(Accounts) private readonly accounts: Accounts,
    @Inject(IdempotencyKeys) private readonly keys: IdempotencyKeys,
    @Inject(Operator) private readonly operator: Operator,
  ) {}

  @Put('terms')
  @ApiOperation({ summary: 'Sets the terms that are named and leaves the others as they are. Needs the operator.' })
  @ApiBearerAuth(OPERATOR)
  @ApiHeader(IDEMPOTENCY_HEADER)
  @ApiOkResponse({ type: WriteAnswer })
  setTerms(
    @Param() { tenant }: TenantPath,
    @Body() body: TermsBody,
    @Headers('idempotency-key') header: string | undefined,
    @Headers('authorization') authorization: string | undefined,
  ): Promise<WriteAnswer> {
    this.operator.require(authorization);
    const terms = termsOf(body);
    const request = { terms: terms as JsonObject, write: 'set-terms' };
    return this.keys.once(tenant, idempotencyKeyOf(header), request, () =>
      this.accounts.execute(tenant, { kind: 'set-terms', terms }),
    );
  }

  @Get('terms')
  @ApiOperation({ summary: 'The terms, as they stand on the stream.' })
  @ApiOkResponse({ type: TermsView })
  terms(@Param() { tenant }: TenantPath): Promise<TermsView> {
    return this.accounts.opened(tenant, ({ terms }) => ({ tenant, ...terms }));
  }

  @Put('recipients')
  @ApiOperation({ summary: 'Sets who is written to of recharges, failures and a balance of zero, in place of those before.' })
  @ApiHeader(IDEMPOTENCY_HEADER)
  @ApiOkResponse({ type: WriteAnswer })
  async setRecipients(
    @Param() { tenant }: TenantPath,
    @Body() { addresses, language }: RecipientsBody,
    @Headers('idempotency-key') header: string | undefined,
  ): Promise<WriteAnswer> {
    const { ring } = this.parts;
    await prepareNames(ring, tenant);
    // The same addresses give the same text, so that a repeat is nothing to do and the key's memory holds no address.
    const sealedRecipients = sealRecipients(ring, tenant, { addresses, language });
    if (sealedRecipients === undefined) throw personsErased(tenant);
    const request = { sealedRecipients, write: 'set-recipients' };
    return this.keys.once(tenant, idempotencyKeyOf(header), request, () =>
      this.accounts.execute(tenant, { kind: 'set-recipients', sealedRecipients }),
    );
  }

  @Get('recipients')
  @ApiOperation({ summary: 'Who is written to.' })
  @ApiOkResponse({ type: RecipientsView })
  async recipients(@Param() { tenant }: TenantPath): Promise<RecipientsView> {
    const sealed = await this.accounts.opened(tenant, ({ sealedRecipients }) => sealedRecipients);
    const opened = sealed === null ? undefined : await openRecipients(this.parts.ring, tenant, sealed);
    return { tenant, ...(opened ?? { addresses: [], language: null }) };
  }
}

/** What was named, amounts in their one spelling. */
function termsOf({ burstLimit, ...others }: TermsBody): Partial<AccountTerms> {
  const limit = typeof burstLimit === 'string' ? decimalOf(microsOf(burstLimit)) : burstLimit;
  const named = Object.entries({ ...others, burstLimit: limit }).filter(([, value]) => value !== undefined);
  return Object.fromEntries(named);
}
