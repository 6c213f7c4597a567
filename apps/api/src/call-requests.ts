// HTTP's questions about calls: what is looked for and where a page begins, as class-validator checks it and OpenAPI tells it.

import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsBoolean, IsIn, IsInt, IsOptional, Matches, Max, MaxLength, Min, MinLength } from 'class-validator';
import { ANY_TEXT, MAX_CURSOR_CHARS } from './page-cursor.js';
import { Flag } from './people-requests.js';
import { IsInstant } from './price-requests.js';
import { AMOUNT, PRINTABLE, TenantPath } from './requests.js';
import { IsAmount, WholeNumber } from './validation.js';

const MAX_PAGE_CALLS = 200;
const DEFAULT_PAGE = 50;
const MAX_SEARCH_CHARS = 256;
const COVERAGES = ['credit', 'pool', 'unlimited', 'emergency'] as const;
const INSTANT = { type: String, format: 'date-time' };

/** Any id that a switch may send: whatever fits into an address. */
export class CallPath extends TenantPath {
  @ApiProperty({ type: String, description: 'Id of the CDR, URL-encoded.' })
  @Matches(ANY_TEXT, { message: 'id must be text without 0x00' })
  @MinLength(1)
  readonly id!: string;
}

export class ExplanationQuery {
  @ApiPropertyOptional({ type: String, description: 'The configured source; needed where several have sent the same id.' })
  @IsOptional()
  @Matches(ANY_TEXT, { message: 'source must be text without 0x00' })
  @MaxLength(64)
  readonly source?: string;

  @ApiPropertyOptional({
    ...INSTANT,
    description: 'As the list of calls says it; needed where the source has used the id again.',
  })
  @IsOptional()
  @IsInstant()
  readonly answeredAt?: string;
}

export class CallsQuery {
  @ApiPropertyOptional({ ...INSTANT, description: 'Answered from then on.' })
  @IsOptional()
  @IsInstant()
  readonly from?: string;

  @ApiPropertyOptional({ ...INSTANT, description: 'Answered before.' })
  @IsOptional()
  @IsInstant()
  readonly to?: string;

  @ApiPropertyOptional({
    type: String,
    maxLength: MAX_SEARCH_CHARS,
    description:
      'Part of a number (at least three digits), of a user or of a destination; or a CDR id or call id. The last digits of a number that are shown to nobody are found by the whole number only.',
  })
  @IsOptional()
  @Matches(PRINTABLE, { message: 'search must be printable text' })
  @MaxLength(MAX_SEARCH_CHARS)
  readonly search?: string;

  @ApiPropertyOptional({ type: String, example: 'international' })
  @IsOptional()
  @Matches(/^[a-z0-9-]{1,64}$/, { message: 'category must be that of a call, such as "international"' })
  readonly category?: string;

  @ApiPropertyOptional({ enum: COVERAGES, description: 'What paid.' })
  @IsOptional()
  @IsIn(COVERAGES)
  readonly coverage?: (typeof COVERAGES)[number];

  @ApiPropertyOptional({ type: Boolean, description: 'Whether an authorisation would have refused the call.' })
  @IsOptional()
  @Flag()
  @IsBoolean({ message: 'unauthorised must be true or false' })
  readonly unauthorised?: boolean;

  @ApiPropertyOptional({ type: Boolean, description: 'Whether the call is of a kind that has a price.' })
  @IsOptional()
  @Flag()
  @IsBoolean({ message: 'billable must be true or false' })
  readonly billable?: boolean;

  @ApiPropertyOptional({ ...AMOUNT, description: 'The credit was debited with this much or more.' })
  @IsOptional()
  @IsAmount()
  readonly minAmount?: string;

  @ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: MAX_PAGE_CALLS, default: DEFAULT_PAGE })
  @WholeNumber()
  @IsInt()
  @Min(1)
  @Max(MAX_PAGE_CALLS)
  readonly limit: number = DEFAULT_PAGE;

  @ApiPropertyOptional({ type: String, description: '`next` of the page before.' })
  @IsOptional()
  @MaxLength(MAX_CURSOR_CHARS)
  readonly cursor?: string;
}
