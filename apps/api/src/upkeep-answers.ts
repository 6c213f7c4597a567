// HTTP's answers about how everything runs, as OpenAPI tells them.

import { ApiProperty } from '@nestjs/swagger';

const INSTANT = { type: String, format: 'date-time' } as const;
const WORK_STATES = ['running', 'done', 'failed'] as const;
export type WorkState = (typeof WORK_STATES)[number];

export class TenantSetAsideView {
  @ApiProperty({ type: String }) readonly tenant!: string;
  @ApiProperty({ type: 'integer', description: 'Of the event that could not be folded.' }) readonly revision!: number;
  @ApiProperty({ type: String }) readonly reason!: string;
}

export class ReadModelView {
  @ApiProperty({ type: String }) readonly name!: string;
  @ApiProperty({ type: 'integer', description: 'Events of the ledger that it has not folded yet; 10000 is at least so many.' })
  readonly lagEvents!: number;
  @ApiProperty({ type: [TenantSetAsideView], description: 'Their rows stand still until a rebuild.' })
  readonly setAside!: readonly TenantSetAsideView[];
}

export class IntakeView {
  @ApiProperty({ type: String }) readonly topic!: string;
  @ApiProperty({ type: 'integer', nullable: true, description: 'Messages not yet rated; null when the bus does not say.' })
  readonly lag!: number | null;
}

class LettersOfCodeView {
  @ApiProperty({ type: String }) readonly code!: string;
  @ApiProperty({ type: 'integer' }) readonly count!: number;
}

export class DeadLetterCounts {
  @ApiProperty({ type: 'integer' }) readonly total!: number;
  @ApiProperty({ type: [LettersOfCodeView], description: 'The most frequent first.' })
  readonly byCode!: readonly LettersOfCodeView[];
}

export class RebuildView {
  @ApiProperty({ type: String }) readonly name!: string;
  @ApiProperty({ enum: WORK_STATES, description: 'One that waits for its turn runs with no event yet.' })
  readonly state!: WorkState;
  @ApiProperty({ type: 'integer', description: 'Folded so far.' }) readonly events!: number;
  @ApiProperty({ type: 'integer', nullable: true, description: 'How many there will be about; exact when it is done.' })
  readonly total!: number | null;
  @ApiProperty(INSTANT) readonly startedAt!: string;
  @ApiProperty({ ...INSTANT, nullable: true }) readonly finishedAt!: string | null;
  @ApiProperty({ type: String, nullable: true }) readonly error!: string | null;
}

export class RebuildsAnswer {
  @ApiProperty({ type: [RebuildView] }) readonly rebuilds!: readonly RebuildView[];
}

class LedgerDifferenceView {
  @ApiProperty({ type: String, nullable: true }) readonly stream!: string | null;
  @ApiProperty({ type: 'integer', nullable: true }) readonly revision!: number | null;
  @ApiProperty({ type: String }) readonly found!: string;
  @ApiProperty({ type: String, description: 'What to do about it.' }) readonly advice!: string;
}

export class CheckView {
  @ApiProperty({ type: String }) readonly name!: string;
  @ApiProperty({ type: 'integer' }) readonly checked!: number;
  @ApiProperty({ type: 'integer' }) readonly differ!: number;
  @ApiProperty({ type: String, required: false, description: 'Why nothing was checked, and what to do about it.' })
  readonly notChecked?: string;
  @ApiProperty({ type: [String], required: false }) readonly remarks?: readonly string[];
  @ApiProperty({ type: [LedgerDifferenceView], required: false, description: 'The first of those that differ.' })
  readonly differences?: readonly LedgerDifferenceView[];
}

export class VerificationView {
  @ApiProperty({ enum: WORK_STATES }) readonly state!: WorkState;
  @ApiProperty({ type: String, nullable: true, description: 'Null: all tenants.' }) readonly tenant!: string | null;
  @ApiProperty(INSTANT) readonly startedAt!: string;
  @ApiProperty({ ...INSTANT, nullable: true }) readonly finishedAt!: string | null;
  @ApiProperty({ type: [CheckView], description: 'While it runs: how many events were read.' })
  readonly checks!: readonly CheckView[];
  @ApiProperty({ type: String, nullable: true }) readonly error!: string | null;
}

export class OperationsView {
  @ApiProperty({ type: [ReadModelView] }) readonly readModels!: readonly ReadModelView[];
  @ApiProperty({ type: IntakeView }) readonly intake!: IntakeView;
  @ApiProperty({ type: DeadLetterCounts }) readonly deadLetters!: DeadLetterCounts;
  @ApiProperty({ type: [RebuildView], description: 'The last one of each read model that had any.' })
  readonly rebuilds!: readonly RebuildView[];
  @ApiProperty({ type: VerificationView, nullable: true, description: 'The newest.' })
  readonly verification!: VerificationView | null;
}
