// HTTP's answer that explains a call, as OpenAPI tells it: from the record that came in to the money that went out.

import { ApiProperty } from '@nestjs/swagger';

const TEXT = { type: String } as const;
const OPTIONAL = { type: String, nullable: true } as const;
const MONEY = { type: String, example: '0.0427' } as const;
const COUNT = { type: 'integer' } as const;
const INSTANT = { type: String, format: 'date-time' } as const;
const RECORDED = { type: Object, nullable: true, description: 'As the event holds it.' } as const;

class RawView {
  @ApiProperty({ ...TEXT, description: 'SHA-256 of the whole message that the record came in.' }) readonly sha256!: string;
  @ApiProperty({ type: Object, description: 'Topic, partition and offset; or the file; or HTTP.' }) readonly origin!: object;
  @ApiProperty({ ...OPTIONAL, description: 'For the operator, while it is kept; null for everybody else.' })
  readonly text!: string | null;
  @ApiProperty({ type: Boolean, nullable: true, description: 'Null for everybody but the operator: not looked up.' })
  readonly kept!: boolean | null;
  @ApiProperty({ type: Boolean, nullable: true, description: 'Whether what is kept has the digest that was recorded.' })
  readonly matches!: boolean | null;
}

class FieldView {
  @ApiProperty(TEXT) readonly name!: string;
  @ApiProperty(TEXT) readonly value!: string;
}

class DeckRowView {
  @ApiProperty({ ...COUNT, description: "Of the deck's rows, from 1." }) readonly row!: number;
  @ApiProperty(TEXT) readonly csv!: string;
}

class ExplainedDeckView {
  @ApiProperty(TEXT) readonly hash!: string;
  @ApiProperty(TEXT) readonly plan!: string;
  @ApiProperty({ ...TEXT, description: 'Names of the columns.' }) readonly header!: string;
  @ApiProperty({ type: [DeckRowView] }) readonly row!: readonly DeckRowView[];
  @ApiProperty({ ...INSTANT, nullable: true }) readonly activeFrom!: string | null;
}

class PricedSegmentView {
  @ApiProperty(COUNT) readonly fromSecond!: number;
  @ApiProperty(COUNT) readonly seconds!: number;
  @ApiProperty(COUNT) readonly incrementSeconds!: number;
  @ApiProperty(MONEY) readonly rate!: string;
  @ApiProperty(COUNT) readonly rateUnitSeconds!: number;
  @ApiProperty(COUNT) readonly row!: number;
  @ApiProperty({ ...MONEY, description: 'Exactly: a decimal, or a fraction such as 121/6000.' }) readonly amount!: string;
  @ApiProperty({ ...TEXT, example: '0.042 × 61 / 60' }) readonly sum!: string;
}

class PricingView {
  @ApiProperty(TEXT) readonly category!: string;
  @ApiProperty(TEXT) readonly destination!: string;
  @ApiProperty(TEXT) readonly prefix!: string;
  @ApiProperty(TEXT) readonly currency!: string;
  @ApiProperty(COUNT) readonly billedUsageSeconds!: number;
  @ApiProperty({ type: [PricedSegmentView] }) readonly segments!: readonly PricedSegmentView[];
  @ApiProperty(MONEY) readonly connectFee!: string;
  @ApiProperty(MONEY) readonly gross!: string;
  @ApiProperty(RECORDED) readonly maxCost!: object | null;
  @ApiProperty({ ...TEXT, example: 'up' }) readonly rounding!: string;
  @ApiProperty(COUNT) readonly decimals!: number;
  @ApiProperty(MONEY) readonly amount!: string;
}

class CoverageView {
  @ApiProperty({ ...TEXT, example: 'credit' }) readonly kind!: string;
  @ApiProperty(RECORDED) readonly pool!: object | null;
  @ApiProperty(RECORDED) readonly rest!: object | null;
  @ApiProperty(OPTIONAL) readonly unauthorised!: string | null;
}

class LotUseView {
  @ApiProperty(TEXT) readonly lotId!: string;
  @ApiProperty(MONEY) readonly amount!: string;
}

class PastEventView {
  @ApiProperty(COUNT) readonly revision!: number;
  @ApiProperty({ ...TEXT, example: 'CallDebited.v1' }) readonly type!: string;
  @ApiProperty(COUNT) readonly generation!: number;
  @ApiProperty(MONEY) readonly amount!: string;
  @ApiProperty(INSTANT) readonly recordedAt!: string;
}

class SumView {
  @ApiProperty({ type: [String] }) readonly lines!: readonly string[];
  @ApiProperty(MONEY) readonly redone!: string;
  @ApiProperty(MONEY) readonly recorded!: string;
  @ApiProperty({ type: Boolean }) readonly agrees!: boolean;
}

/** A part is null where the event has none of it: a call that does not bill has no price. */
export class ExplanationView {
  @ApiProperty(TEXT) readonly tenant!: string;
  @ApiProperty(TEXT) readonly source!: string;
  @ApiProperty({ ...TEXT, description: 'Of the CDR.' }) readonly id!: string;
  @ApiProperty({ ...COUNT, description: 'Of the event that stands for the call.' }) readonly revision!: number;
  @ApiProperty({ ...TEXT, format: 'uuid' }) readonly eventId!: string;
  @ApiProperty({ ...TEXT, description: 'Of the event, which binds it to its predecessor.' }) readonly hash!: string;
  @ApiProperty(TEXT) readonly previousHash!: string;
  @ApiProperty(COUNT) readonly generation!: number;
  @ApiProperty(INSTANT) readonly answeredAt!: string;
  @ApiProperty(INSTANT) readonly recordedAt!: string;
  @ApiProperty({ type: [String], description: 'What happened, in sentences.' }) readonly summary!: readonly string[];
  @ApiProperty({ type: RawView }) readonly raw!: RawView;
  @ApiProperty({ type: [FieldView] }) readonly fields!: readonly FieldView[];
  @ApiProperty({ ...TEXT, description: 'Why the call is of this tenant.' }) readonly tenantRule!: string;
  @ApiProperty({ type: ExplainedDeckView, nullable: true }) readonly deck!: ExplainedDeckView | null;
  @ApiProperty({ type: PricingView, nullable: true }) readonly pricing!: PricingView | null;
  @ApiProperty({ type: CoverageView, nullable: true }) readonly coverage!: CoverageView | null;
  @ApiProperty({ type: [LotUseView] }) readonly lots!: readonly LotUseView[];
  @ApiProperty({ ...MONEY, description: 'What no lot could pay.' }) readonly overdraft!: string;
  @ApiProperty(RECORDED) readonly posting!: object | null;
  @ApiProperty(MONEY) readonly balanceBefore!: string;
  @ApiProperty(MONEY) readonly balanceAfter!: string;
  @ApiProperty(MONEY) readonly availableAfter!: string;
  @ApiProperty({ type: [PastEventView], description: 'Every event of the call, the oldest first.' })
  readonly history!: readonly PastEventView[];
  @ApiProperty({ type: SumView, nullable: true }) readonly sum!: SumView | null;
  @ApiProperty({ type: [String], description: 'What does not agree, each in a sentence; empty is what it should be.' })
  readonly faults!: readonly string[];
}
