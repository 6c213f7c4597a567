// HTTP's answers, as OpenAPI tells them. Money is decimal text in the account's currency, instants are ISO 8601 in UTC.

import { ApiProperty } from '@nestjs/swagger';

const MONEY = { type: String, example: '12.5' } as const;
const OPTIONAL_MONEY = { ...MONEY, nullable: true } as const;
const INSTANT = { type: String, format: 'date-time' } as const;
const REVISION = { type: 'integer', description: "Place of the last event in the account's stream." } as const;

/** What every write answers with. Ask for the balance with `minRevision` to read it back. */
export class WriteAnswer {
  @ApiProperty({ type: String }) readonly tenant!: string;
  @ApiProperty({ type: Boolean, description: 'False when it was so already.' }) readonly changed!: boolean;
  @ApiProperty(REVISION) readonly revision!: number;
  @ApiProperty({ type: String }) readonly currency!: string;
  @ApiProperty(MONEY) readonly balance!: string;
  @ApiProperty(MONEY) readonly available!: string;
}

export class PurchaseAnswer extends WriteAnswer {
  @ApiProperty({ type: String }) readonly purchaseId!: string;
  @ApiProperty({ enum: ['credited', 'requested'] }) readonly status!: 'credited' | 'requested';
}

export class AdjustmentAnswer extends WriteAnswer {
  @ApiProperty({ type: String }) readonly adjustmentId!: string;
}

export class RefundAnswer extends WriteAnswer {
  @ApiProperty({ type: String }) readonly refundId!: string;
  @ApiProperty({ type: String }) readonly purchaseId!: string;
}

export class PurchaseView {
  @ApiProperty({ type: String }) readonly tenant!: string;
  @ApiProperty({ type: String }) readonly purchaseId!: string;
  @ApiProperty({ enum: ['open', 'succeeded', 'failed'] }) readonly status!: 'open' | 'succeeded' | 'failed';
  @ApiProperty(MONEY) readonly amount!: string;
  @ApiProperty({ type: String }) readonly currency!: string;
  @ApiProperty({ type: 'integer' }) readonly attempts!: number;
  @ApiProperty({ type: String, nullable: true, description: 'Of the last decline.' }) readonly lastCode!: string | null;
  @ApiProperty({ ...INSTANT, nullable: true }) readonly retryAt!: string | null;
  @ApiProperty({ type: String, nullable: true }) readonly paymentReference!: string | null;
  @ApiProperty(INSTANT) readonly requestedAt!: string;
  @ApiProperty(REVISION) readonly revision!: number;
}

export class AutoRechargeView {
  @ApiProperty(MONEY) readonly trigger!: string;
  @ApiProperty(MONEY) readonly amount!: string;
  @ApiProperty({ type: Boolean, description: 'By failed payments, until a person resumes it.' })
  readonly suspended!: boolean;
}

export class LotView {
  @ApiProperty({ type: String, description: 'The purchase, recharge or adjustment that it is of.' }) readonly lotId!: string;
  @ApiProperty(MONEY) readonly remaining!: string;
  @ApiProperty(INSTANT) readonly expiresAt!: string;
}

export class BalanceView {
  @ApiProperty({ type: String }) readonly tenant!: string;
  @ApiProperty({ type: String }) readonly currency!: string;
  @ApiProperty({ type: String }) readonly plan!: string;
  @ApiProperty(MONEY) readonly balance!: string;
  @ApiProperty(MONEY) readonly available!: string;
  @ApiProperty({ ...MONEY, description: 'Held for calls in progress.' }) readonly reserved!: string;
  @ApiProperty({ type: [LotView], description: 'In the order in which they are drawn.' }) readonly lots!: readonly LotView[];
  @ApiProperty({ ...INSTANT, nullable: true }) readonly nextExpiry!: string | null;
  @ApiProperty({ type: 'integer' }) readonly callsDebited!: number;
  @ApiProperty({ type: 'integer' }) readonly callsNotBillable!: number;
  @ApiProperty(MONEY) readonly debited!: string;
  @ApiProperty(MONEY) readonly purchased!: string;
  @ApiProperty(MONEY) readonly recharged!: string;
  @ApiProperty(MONEY) readonly expired!: string;
  @ApiProperty({ ...MONEY, description: 'Given less taken by adjustments.' }) readonly adjusted!: string;
  @ApiProperty(MONEY) readonly refunded!: string;
  @ApiProperty(OPTIONAL_MONEY) readonly alertThreshold!: string | null;
  @ApiProperty({ type: AutoRechargeView, nullable: true }) readonly autoRecharge!: AutoRechargeView | null;
  @ApiProperty(REVISION) readonly revision!: number;
  @ApiProperty(INSTANT) readonly recordedAt!: string;
}

export class TenantsPage {
  @ApiProperty({ type: [BalanceView] }) readonly tenants!: readonly BalanceView[];
  @ApiProperty({ type: String, nullable: true, description: 'Path of the next page.' }) readonly next!: string | null;
}

export class EventView {
  @ApiProperty({ type: String, format: 'uuid' }) readonly id!: string;
  @ApiProperty({ type: String, example: 'CallDebited.v1' }) readonly type!: string;
  @ApiProperty({ type: String, example: 'credit-acme' }) readonly stream!: string;
  @ApiProperty({ type: 'integer' }) readonly revision!: number;
  @ApiProperty({ type: String, description: 'In the whole store; decimal text, because it may pass 2^53.' })
  readonly position!: string;
  @ApiProperty({ type: Object }) readonly data!: object;
  @ApiProperty({ type: Object }) readonly metadata!: object;
}

export class EventsPage {
  @ApiProperty({ type: String }) readonly tenant!: string;
  @ApiProperty({ type: [EventView] }) readonly events!: readonly EventView[];
  @ApiProperty({ type: String, nullable: true, description: 'Path of the next page.' }) readonly next!: string | null;
}

export class RecordAnswer {
  @ApiProperty({ type: 'integer', description: 'Place of the record in the body, from 1.' }) readonly record!: number;
  @ApiProperty({ enum: ['accepted', 'rejected'] }) readonly status!: 'accepted' | 'rejected';
  @ApiProperty({ type: String, required: false }) readonly tenant?: string;
  @ApiProperty({ type: String, required: false, description: "The CDR's id within its source." }) readonly id?: string;
  @ApiProperty({ type: String, required: false, description: 'Why it was rejected, for programs.' }) readonly code?: string;
  @ApiProperty({ type: String, required: false, description: 'Why it was rejected, for people.' }) readonly reason?: string;
}

export class CdrTotals {
  @ApiProperty({ type: 'integer' }) readonly accepted!: number;
  @ApiProperty({ type: 'integer' }) readonly rejected!: number;
}

export class CdrsAnswer {
  @ApiProperty({ type: String, format: 'uuid' }) readonly requestId!: string;
  @ApiProperty({ type: CdrTotals }) readonly totals!: CdrTotals;
  @ApiProperty({ type: [RecordAnswer] }) readonly records!: readonly RecordAnswer[];
}

export class FieldFaultView {
  @ApiProperty({ type: String, required: false, description: 'JSON Pointer into the body.' }) readonly pointer?: string;
  @ApiProperty({ type: String, required: false, description: 'Name of a parameter or header.' }) readonly parameter?: string;
  @ApiProperty({ type: String }) readonly detail!: string;
}

export class ProblemView {
  @ApiProperty({ type: String, format: 'uri' }) readonly type!: string;
  @ApiProperty({ type: String }) readonly title!: string;
  @ApiProperty({ type: 'integer' }) readonly status!: number;
  @ApiProperty({ type: String }) readonly detail!: string;
  @ApiProperty({ type: String, description: 'Stable, for programs.' }) readonly code!: string;
  @ApiProperty({ type: [FieldFaultView], required: false }) readonly errors?: readonly FieldFaultView[];
}

class MaxCostView {
  @ApiProperty(MONEY) readonly amount!: string;
  @ApiProperty({ enum: ['free', 'disconnect'] }) readonly strategy!: 'free' | 'disconnect';
}

class SegmentView {
  @ApiProperty({ type: 'integer', description: 'From answer.' }) readonly fromSecond!: number;
  @ApiProperty({ type: 'integer', description: 'Whole increments.' }) readonly seconds!: number;
  @ApiProperty(MONEY) readonly rate!: string;
  @ApiProperty({ type: 'integer' }) readonly rateUnitSeconds!: number;
  @ApiProperty({ type: 'integer' }) readonly incrementSeconds!: number;
  @ApiProperty({ type: 'integer', description: "Of the deck's rows, from 1." }) readonly row!: number;
}

/** Connect fee, and for each segment `rate` × `seconds` / `rateUnitSeconds`: `gross`; capped, then rounded once: `amount`. */
export class PriceView {
  @ApiProperty(MONEY) readonly amount!: string;
  @ApiProperty({ type: String }) readonly currency!: string;
  @ApiProperty({ type: String }) readonly plan!: string;
  @ApiProperty({ type: String }) readonly category!: string;
  @ApiProperty({ type: String }) readonly destination!: string;
  @ApiProperty({ type: String }) readonly prefix!: string;
  @ApiProperty({ type: 'integer' }) readonly billedUsageSeconds!: number;
  @ApiProperty({ type: 'integer' }) readonly usageMs!: number;
  @ApiProperty(MONEY) readonly connectFee!: string;
  @ApiProperty({ type: [SegmentView] }) readonly segments!: readonly SegmentView[];
  @ApiProperty({ type: String, description: 'Decimal text, or a fraction such as 121/6000.' }) readonly gross!: string;
  @ApiProperty({ type: MaxCostView, nullable: true }) readonly maxCost!: MaxCostView | null;
  @ApiProperty({ enum: ['up', 'down', 'half-up'] }) readonly rounding!: 'up' | 'down' | 'half-up';
  @ApiProperty({ type: 'integer' }) readonly decimals!: number;
  @ApiProperty({ type: String, description: 'Version of the rate deck.' }) readonly deckHash!: string;
  @ApiProperty({ type: [Number] }) readonly rows!: readonly number[];
  @ApiProperty({
    type: 'integer',
    nullable: true,
    required: false,
    description: 'How long the balance lasts; null: for any call.',
  })
  readonly maxUsageSeconds?: number | null;
}
