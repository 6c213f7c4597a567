// HTTP's answers about credit as it stands on the stream, and about how much of it to buy, as OpenAPI tells them.

import { ApiProperty } from '@nestjs/swagger';
import { POOL_METERS, type PoolMeter } from '@tollkeeper/ledger';
import { LotView } from './answers.js';

const MONEY = { type: String, example: '12.5' } as const;
const OPTIONAL_MONEY = { ...MONEY, nullable: true } as const;
const INSTANT = { type: String, format: 'date-time' } as const;
const DAY = { type: String, format: 'date' } as const;
const SECONDS = { type: 'integer' } as const;

class MeterView {
  @ApiProperty({ enum: POOL_METERS }) readonly meter!: PoolMeter;
  @ApiProperty(SECONDS) readonly capSeconds!: number;
  @ApiProperty(SECONDS) readonly usedSeconds!: number;
  @ApiProperty({ ...SECONDS, description: 'By calls in progress.' }) readonly heldSeconds!: number;
  @ApiProperty({ ...SECONDS, description: 'For new calls; 0 on all meters once one has reached its cap.' })
  readonly remainingSeconds!: number;
}

class PoolView {
  @ApiProperty({ type: String }) readonly licence!: string;
  @ApiProperty({ type: String, nullable: true, description: 'Null: of all countries.' }) readonly country!: string | null;
  @ApiProperty({ type: 'integer', description: 'Assigned now.' }) readonly licences!: number;
  @ApiProperty({ type: [MeterView] }) readonly meters!: readonly MeterView[];
}

class RechargeStateView {
  @ApiProperty(MONEY) readonly trigger!: string;
  @ApiProperty(MONEY) readonly amount!: string;
  @ApiProperty(OPTIONAL_MONEY) readonly target!: string | null;
  @ApiProperty(OPTIONAL_MONEY) readonly maxPerHour!: string | null;
  @ApiProperty(OPTIONAL_MONEY) readonly maxPerMonth!: string | null;
  @ApiProperty({ type: Boolean, description: 'By failed payments, until a person resumes it.' }) readonly suspended!: boolean;
  @ApiProperty({ type: 'integer' }) readonly failuresInRow!: number;
  @ApiProperty({ type: String, nullable: true, description: 'The recharge that is under way.' })
  readonly underWay!: string | null;
  @ApiProperty({ ...INSTANT, nullable: true, description: 'Earliest next request, caps aside; null while it is suspended.' })
  readonly nextPossibleAt!: string | null;
}

export const ALARMS = ['spending-burst', 'recharge-cap', 'low-balance', 'auto-recharge-suspended'] as const;

class AlarmView {
  @ApiProperty({ enum: ALARMS }) readonly alarm!: (typeof ALARMS)[number];
  @ApiProperty({ type: String }) readonly detail!: string;
}

export class CreditView {
  @ApiProperty({ type: String }) readonly tenant!: string;
  @ApiProperty({ type: String }) readonly currency!: string;
  @ApiProperty({ ...MONEY, description: 'Open lots less overdraft.' }) readonly balance!: string;
  @ApiProperty({ ...MONEY, description: 'Held for calls in progress.' }) readonly reserved!: string;
  @ApiProperty({ ...MONEY, description: 'Balance less what is reserved.' }) readonly available!: string;
  @ApiProperty(MONEY) readonly overdraft!: string;
  @ApiProperty({ type: [LotView], description: 'In the order in which they are drawn.' }) readonly lots!: readonly LotView[];
  @ApiProperty({ ...INSTANT, nullable: true }) readonly nextExpiry!: string | null;
  @ApiProperty({ type: 'integer', description: 'Calls in progress, and ended ones whose CDR is awaited.' })
  readonly openReservations!: number;
  @ApiProperty({ type: String, example: '2026-03', description: 'Of the pools, UTC.' }) readonly month!: string;
  @ApiProperty({ type: [PoolView] }) readonly pools!: readonly PoolView[];
  @ApiProperty({ type: RechargeStateView, nullable: true }) readonly autoRecharge!: RechargeStateView | null;
  @ApiProperty({ type: [AlarmView] }) readonly alarms!: readonly AlarmView[];
  @ApiProperty({ type: 'integer', description: "Place of the last event in the account's stream." }) readonly revision!: number;
}

class MostSpentView {
  @ApiProperty(DAY) readonly from!: string;
  @ApiProperty(DAY) readonly to!: string;
  @ApiProperty(MONEY) readonly amount!: string;
}

class AdviceBasis {
  @ApiProperty(DAY) readonly from!: string;
  @ApiProperty({ ...DAY, description: 'The last whole day, UTC.' }) readonly to!: string;
  @ApiProperty({ type: 'integer' }) readonly days!: number;
  @ApiProperty(MONEY) readonly spent!: string;
  @ApiProperty({ ...MONEY, description: 'Spent, by day, for a twelfth of a year.' }) readonly meanMonth!: string;
  @ApiProperty({ type: MostSpentView }) readonly mostInThreeDays!: MostSpentView;
  @ApiProperty({ ...OPTIONAL_MONEY, description: 'Least that is sold in the currency.' }) readonly minimum!: string | null;
}

export class AdviceView {
  @ApiProperty({ type: String }) readonly tenant!: string;
  @ApiProperty({ type: String }) readonly currency!: string;
  @ApiProperty({ type: Boolean, description: 'Usage has to be seen for two months first.' }) readonly tooEarly!: boolean;
  @ApiProperty({ ...DAY, required: false, description: 'When it is too early: from that day on there is advice.' })
  readonly from?: string;
  @ApiProperty({ ...MONEY, required: false, description: 'Recharge below this: what three days may take to mend a card.' })
  readonly trigger?: string;
  @ApiProperty({ ...MONEY, required: false, description: 'Recharge by this: what a mean month takes.' }) readonly amount?: string;
  @ApiProperty({ type: AdviceBasis, required: false }) readonly basis?: AdviceBasis;
  @ApiProperty({ type: String, description: 'The same for people.' }) readonly explanation!: string;
}
