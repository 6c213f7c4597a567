// HTTP's answers about what has been: the balance by day, and recharges. Money is decimal text in the account's currency.

import { ApiProperty } from '@nestjs/swagger';

const MONEY = { type: String, example: '12.5' } as const;
const DAY = { type: String, format: 'date', example: '2026-03-03' } as const;
const INSTANT = { type: String, format: 'date-time' } as const;
const OPTIONAL = { type: String, nullable: true } as const;

export class HistoryDayView {
  @ApiProperty({ ...DAY, description: 'In UTC. Days on which nothing happened are left out: the one before still holds.' })
  readonly day!: string;
  @ApiProperty({ ...MONEY, description: 'At the end of the day.' }) readonly balance!: string;
  @ApiProperty(MONEY) readonly available!: string;
  @ApiProperty({ ...MONEY, description: 'The least that was available on the day.' }) readonly lowestAvailable!: string;
}

export class PaceView {
  @ApiProperty({ ...MONEY, description: 'What calls cost a day, of late.' }) readonly perDay!: string;
  @ApiProperty({ type: 'integer', description: 'The full days that it is the mean of, beside today so far.' })
  readonly overDays!: number;
  @ApiProperty({ ...DAY, nullable: true, description: 'The day on which the credit runs out at this pace; null: never.' })
  readonly runsOutOn!: string | null;
}

export class BalanceHistoryView {
  @ApiProperty({ type: String }) readonly currency!: string;
  @ApiProperty({ ...MONEY, nullable: true, description: 'Of auto-recharge.' }) readonly trigger!: string | null;
  @ApiProperty({ type: [HistoryDayView], description: 'The oldest first.' }) readonly days!: readonly HistoryDayView[];
  @ApiProperty({ type: PaceView }) readonly pace!: PaceView;
}

export class RechargeView {
  @ApiProperty({ type: String }) readonly rechargeId!: string;
  @ApiProperty({ enum: ['auto', 'manual'] }) readonly cause!: string;
  @ApiProperty(MONEY) readonly amount!: string;
  @ApiProperty({ type: String }) readonly currency!: string;
  @ApiProperty({ enum: ['open', 'succeeded', 'failed'] }) readonly status!: 'open' | 'succeeded' | 'failed';
  @ApiProperty({ type: 'integer' }) readonly attempts!: number;
  @ApiProperty({ ...OPTIONAL, description: 'Of the last decline, for programs; null once it was paid.' }) readonly code!:
    | string
    | null;
  @ApiProperty({ ...OPTIONAL, description: 'The same for people.' }) readonly reason!: string | null;
  @ApiProperty({ ...INSTANT, nullable: true, description: 'When the payment is tried again.' }) readonly retryAt!: string | null;
  @ApiProperty({ ...OPTIONAL, description: "The gateway's." }) readonly paymentReference!: string | null;
  @ApiProperty(INSTANT) readonly requestedAt!: string;
}

export class RechargesPage {
  @ApiProperty({ type: [RechargeView], description: 'The newest first.' }) readonly recharges!: readonly RechargeView[];
  @ApiProperty({ ...OPTIONAL, description: '`cursor` of the next page.' }) readonly next!: string | null;
}
