// HTTP's answers about dead letters, as OpenAPI tells them.

import { ApiProperty } from '@nestjs/swagger';

const INSTANT = { type: String, format: 'date-time' } as const;

export class LetterView {
  @ApiProperty({ type: String, description: 'topic/partition/offset of the original.' }) readonly id!: string;
  @ApiProperty({ type: String, nullable: true, description: "The message's key, where it has one." })
  readonly tenant!: string | null;
  @ApiProperty({ type: String }) readonly code!: string;
  @ApiProperty({ type: String }) readonly reason!: string;
  @ApiProperty(INSTANT) readonly putAsideAt!: string;
}

export class LettersPage {
  @ApiProperty({ type: [LetterView], description: 'The newest first.' }) readonly letters!: readonly LetterView[];
  @ApiProperty({ type: String, nullable: true, description: '`cursor` of the next page.' }) readonly next!: string | null;
}

class DiscardView {
  @ApiProperty({ type: String }) readonly author!: string;
  @ApiProperty({ type: String }) readonly reason!: string;
  @ApiProperty(INSTANT) readonly at!: string;
}

export class LetterMessageView extends LetterView {
  @ApiProperty({ type: DiscardView, nullable: true }) readonly discarded!: DiscardView | null;
  @ApiProperty({ type: Object, additionalProperties: { type: 'string' } }) readonly headers!: Readonly<Record<string, string>>;
  @ApiProperty({ type: String, nullable: true, description: 'The bytes, when they are UTF-8 text.' })
  readonly text!: string | null;
  @ApiProperty({ type: String, nullable: true, description: 'The bytes, when they are no text.' })
  readonly base64!: string | null;
}

export class RetriedAnswer {
  @ApiProperty({ type: 'integer', description: 'Sent again; what is refused again is put aside anew.' })
  readonly retried!: number;
}

export class DiscardedAnswer {
  @ApiProperty({ type: 'integer' }) readonly discarded!: number;
}
