// HTTP's questions of whoever keeps the ledger going: bodies and queries, as class-validator checks them and OpenAPI tells them.

import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { readModelNames } from '@tollkeeper/read-models';
import { IsIn, IsInt, IsOptional, IsString, Matches, Max, MaxLength, Min, MinLength } from 'class-validator';
import { AuthorBody } from './adjustment-requests.js';
import { HASH } from './deck-requests.js';
import { ANY_TEXT, MAX_CURSOR_CHARS } from './page-cursor.js';
import { IsInstant } from './price-requests.js';
import { PRINTABLE } from './requests.js';
import { TENANT_NAME, WholeNumber } from './validation.js';

const TENANT = { type: String, pattern: TENANT_NAME.source, example: 'acme' } as const;
const TENANT_FAULT = 'tenant must be the name of a tenant';
const MONTH = /^\d{4}-(0[1-9]|1[0-2])$/;
/** Topic, partition and offset of the original. */
const LETTER_ID = /^[A-Za-z0-9._-]{1,249}\/\d{1,10}\/\d{1,19}$/;
const LETTER_FAULT = 'id must be topic/partition/offset of a dead letter';
const MAX_CODE_CHARS = 128;
const MAX_KEY_CHARS = 256;
const MAX_REASON_CHARS = 512;
const MAX_PAGE_LETTERS = 500;
const DEFAULT_PAGE_LETTERS = 50;

export class RebuildBody {
  @ApiPropertyOptional({ enum: readModelNames(), description: 'By default all, one after another.' })
  @IsOptional()
  @IsIn(readModelNames(), { message: `name must be a read model: ${readModelNames().join(', ')}` })
  readonly name?: string;
}

export class VerificationBody {
  @ApiPropertyOptional({ ...TENANT, description: 'By default all.' })
  @IsOptional()
  @Matches(TENANT_NAME, { message: TENANT_FAULT })
  readonly tenant?: string;
}

/** What a letter is chosen by; several narrow the choice. */
export class LetterChoice {
  @ApiPropertyOptional({ type: String, example: 'telephony.cdr.v1/3/17', description: 'topic/partition/offset of the original.' })
  @IsOptional()
  @Matches(LETTER_ID, { message: LETTER_FAULT })
  readonly id?: string;

  @ApiPropertyOptional({ type: String, example: 'no-rate' })
  @IsOptional()
  @Matches(ANY_TEXT, { message: 'code must be text without 0x00' })
  @MinLength(1)
  @MaxLength(MAX_CODE_CHARS)
  readonly code?: string;

  @ApiPropertyOptional({ type: String, description: "The message's key, which is the tenant where one was known." })
  @IsOptional()
  @Matches(ANY_TEXT, { message: 'tenant must be text without 0x00' })
  @MinLength(1)
  @MaxLength(MAX_KEY_CHARS)
  readonly tenant?: string;
}

export class DiscardBody extends LetterChoice {
  @ApiProperty({ type: String, example: 'j.doe', description: 'Who asks for it, for the record.' })
  @Matches(PRINTABLE, { message: 'author must be printable text' })
  @MaxLength(MAX_CODE_CHARS)
  readonly author!: string;

  @ApiProperty({ type: String, maxLength: MAX_REASON_CHARS, example: 'test calls of the new trunk' })
  @Matches(PRINTABLE, { message: 'reason must be printable text' })
  @MaxLength(MAX_REASON_CHARS)
  readonly reason!: string;
}

export class LettersQuery {
  @ApiPropertyOptional({ type: String, example: 'no-rate' })
  @IsOptional()
  @Matches(ANY_TEXT, { message: 'code must be text without 0x00' })
  @MaxLength(MAX_CODE_CHARS)
  readonly code?: string;

  @ApiPropertyOptional({ type: String, description: "The message's key, which is the tenant where one was known." })
  @IsOptional()
  @Matches(ANY_TEXT, { message: 'tenant must be text without 0x00' })
  @MaxLength(MAX_KEY_CHARS)
  readonly tenant?: string;

  @ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: MAX_PAGE_LETTERS, default: DEFAULT_PAGE_LETTERS })
  @WholeNumber()
  @IsInt()
  @Min(1)
  @Max(MAX_PAGE_LETTERS)
  readonly limit: number = DEFAULT_PAGE_LETTERS;

  @ApiPropertyOptional({ type: String, description: '`next` of the page before.' })
  @IsOptional()
  @IsString()
  @MaxLength(MAX_CURSOR_CHARS)
  readonly cursor?: string;
}

export class LetterQuery {
  @ApiProperty({ type: String, example: 'telephony.cdr.v1/3/17', description: 'topic/partition/offset of the original.' })
  @Matches(LETTER_ID, { message: LETTER_FAULT })
  readonly id!: string;
}

export class ErasureBody extends AuthorBody {
  @ApiProperty({ type: String, pattern: MONTH.source, example: '2026-04', description: 'Calls answered before this month, UTC.' })
  @Matches(MONTH, { message: 'before must be a month such as "2026-04"' })
  readonly before!: string;
}

export class RerateBody extends AuthorBody {
  @ApiProperty({ type: String, format: 'date-time', description: 'Calls answered from then on,' })
  @IsInstant()
  readonly from!: string;

  @ApiProperty({ type: String, format: 'date-time', description: 'and before then.' })
  @IsInstant()
  readonly to!: string;

  @ApiPropertyOptional({ ...TENANT, description: 'By default all.' })
  @IsOptional()
  @Matches(TENANT_NAME, { message: TENANT_FAULT })
  readonly tenant?: string;

  @ApiPropertyOptional({ type: String, description: 'By this version, instead of the one that was active at each answer.' })
  @IsOptional()
  @Matches(HASH, { message: 'deck must be the hash of a version, or its beginning' })
  readonly deck?: string;
}
