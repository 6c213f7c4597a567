// HTTP's questions about what has been, as class-validator checks them and OpenAPI tells them.

import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsInt, IsOptional, Max, MaxLength, Min } from 'class-validator';
import { MAX_CURSOR_CHARS } from './page-cursor.js';
import { WholeNumber } from './validation.js';

const MAX_HISTORY_DAYS = 1_100;
const DEFAULT_HISTORY_DAYS = 90;
const MAX_PAGE_RECHARGES = 200;
const DEFAULT_PAGE = 50;

export class HistoryQuery {
  @ApiPropertyOptional({
    type: 'integer',
    minimum: 1,
    maximum: MAX_HISTORY_DAYS,
    default: DEFAULT_HISTORY_DAYS,
    description: 'Today and the days before it.',
  })
  @WholeNumber()
  @IsInt()
  @Min(1)
  @Max(MAX_HISTORY_DAYS)
  readonly days: number = DEFAULT_HISTORY_DAYS;
}

export class RechargesQuery {
  @ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: MAX_PAGE_RECHARGES, default: DEFAULT_PAGE })
  @WholeNumber()
  @IsInt()
  @Min(1)
  @Max(MAX_PAGE_RECHARGES)
  readonly limit: number = DEFAULT_PAGE;

  @ApiPropertyOptional({ type: String, description: '`next` of the page before.' })
  @IsOptional()
  @MaxLength(MAX_CURSOR_CHARS)
  readonly cursor?: string;
}
