// HTTP's questions about money that a person moves: their bodies, as class-validator checks them and OpenAPI tells them.

import { ApiProperty } from '@nestjs/swagger';
import { IsIn, Matches, MaxLength } from 'class-validator';
import { AMOUNT, PRINTABLE } from './requests.js';
import { IsAmount } from './validation.js';

const MAX_AUTHOR_CHARS = 128;
const MAX_REASON_CHARS = 512;
const DIRECTIONS = ['credit', 'debit'] as const;
const CAUSES = ['refund', 'dispute'] as const;

export class AuthorBody {
  @ApiProperty({ type: String, maxLength: MAX_AUTHOR_CHARS, example: 'j.doe', description: 'Who asks for it, for the record.' })
  @Matches(PRINTABLE, { message: 'author must be printable text' })
  @MaxLength(MAX_AUTHOR_CHARS)
  readonly author!: string;
}

class ReasonedBody extends AuthorBody {
  @ApiProperty({ ...AMOUNT, description: "Above 0, decimal text in the account's currency." })
  @IsAmount()
  readonly amount!: string;

  @ApiProperty({ type: String, maxLength: MAX_REASON_CHARS, example: 'goodwill after the outage of 3 March' })
  @Matches(PRINTABLE, { message: 'reason must be printable text' })
  @MaxLength(MAX_REASON_CHARS)
  readonly reason!: string;
}

export class AdjustmentBody extends ReasonedBody {
  @ApiProperty({ enum: DIRECTIONS, description: '`credit` gives, `debit` takes.' })
  @IsIn(DIRECTIONS)
  readonly direction!: (typeof DIRECTIONS)[number];
}

export class RefundBody extends ReasonedBody {
  @ApiProperty({ enum: CAUSES, description: 'Given back, or lost in a dispute.' })
  @IsIn(CAUSES)
  readonly cause!: (typeof CAUSES)[number];
}
