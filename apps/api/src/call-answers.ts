// HTTP's answers about calls, as OpenAPI tells them. Numbers are masked as in the usage report; who spoke is null once erased.

import { ApiProperty } from '@nestjs/swagger';

const MONEY = { type: String, example: '0.0427' } as const;
const INSTANT = { type: String, format: 'date-time' } as const;
const OPTIONAL = { type: String, nullable: true } as const;

export class CallView {
  @ApiProperty({ type: String, description: 'The configured source that has sent it.' }) readonly source!: string;
  @ApiProperty({ type: String, description: "The CDR's id within its source." }) readonly id!: string;
  @ApiProperty({ ...OPTIONAL, description: 'Of the call, whose legs share it.' }) readonly callId!: string | null;
  @ApiProperty({ ...INSTANT, description: 'When it was answered, or set up when it never was.' }) readonly answeredAt!: string;
  @ApiProperty({ type: Number, example: 61.2 }) readonly usageSeconds!: number;
  @ApiProperty({ type: Boolean, description: 'False: of a kind that has no price.' }) readonly billable!: boolean;
  @ApiProperty({ type: String, description: 'Empty when it is not billable; so are destination and prefix.' })
  readonly category!: string;
  @ApiProperty({ type: String }) readonly destination!: string;
  @ApiProperty({ type: String, description: "The rate deck's, that matched." }) readonly prefix!: string;
  @ApiProperty({ ...OPTIONAL, example: '+3312345****' }) readonly called!: string | null;
  @ApiProperty(OPTIONAL) readonly calling!: string | null;
  @ApiProperty({ ...OPTIONAL, description: 'Principal name, else display name, else id.' }) readonly user!: string | null;
  @ApiProperty({ ...MONEY, description: 'What the credit was debited with.' }) readonly amount!: string;
  @ApiProperty({ type: String }) readonly currency!: string;
  @ApiProperty({ type: String, example: 'credit', description: 'What paid; empty when nothing had to.' })
  readonly coverage!: string;
  @ApiProperty({ type: Number, description: 'Of included minutes.' }) readonly poolSeconds!: number;
  @ApiProperty({ ...OPTIONAL, description: 'The code that an authorisation would have refused the call with.' })
  readonly unauthorised!: string | null;
  @ApiProperty({ type: 'integer', description: '0, and one more for each time that it was rerated.' })
  readonly generation!: number;
  @ApiProperty({ type: 'integer', description: 'Of the last event of the call.' }) readonly revision!: number;
  @ApiProperty(INSTANT) readonly recordedAt!: string;
}

export class CallsPage {
  @ApiProperty({ type: [CallView], description: 'The newest first.' }) readonly calls!: readonly CallView[];
  @ApiProperty({ ...OPTIONAL, description: '`cursor` of the next page.' }) readonly next!: string | null;
  @ApiProperty({
    ...INSTANT,
    nullable: true,
    description: 'No call before this one was looked at: `next` goes on there. Null when the page is full or all were looked at.',
  })
  readonly searchedBackTo!: string | null;
}
