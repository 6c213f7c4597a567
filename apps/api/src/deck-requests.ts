// HTTP's questions about rate decks: paths, queries and bodies, as class-validator checks them and OpenAPI tells them.

import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { LEAST_HASH_CHARS } from '@tollkeeper/decks';
import { IsOptional, Matches, MaxLength, ValidateIf } from 'class-validator';
import { AuthorBody } from './adjustment-requests.js';
import { IsInstant } from './price-requests.js';
import { PRINTABLE } from './requests.js';
import { IsCurrency, IsPlanName } from './validation.js';

/** The whole hash or its beginning. */
export const HASH = new RegExp(`^[0-9a-f]{${LEAST_HASH_CHARS},64}$`);
const HASH_PROPERTY = {
  type: String,
  pattern: HASH.source,
  example: '3f9a0c22',
  description: 'Hash of a version, or its beginning.',
};
const HASH_FAULT = `$property must be ${LEAST_HASH_CHARS} to 64 characters of the hash of a version`;
const MAX_NAME_CHARS = 255;
const MAX_AUTHOR_CHARS = 128;

export class DeckPath {
  @ApiProperty(HASH_PROPERTY)
  @Matches(HASH, { message: HASH_FAULT })
  readonly hash!: string;
}

export class DeckPairPath {
  @ApiProperty(HASH_PROPERTY)
  @Matches(HASH, { message: HASH_FAULT })
  readonly before!: string;

  @ApiProperty(HASH_PROPERTY)
  @Matches(HASH, { message: HASH_FAULT })
  readonly after!: string;
}

export class DeckImportQuery {
  @ApiPropertyOptional({ type: String, example: 'EUR', description: 'Of rows that name none, ISO 4217.' })
  @ValidateIf((query: DeckImportQuery) => query.currency !== undefined)
  @IsCurrency()
  readonly currency?: string;

  @ApiPropertyOptional({
    type: String,
    maxLength: MAX_AUTHOR_CHARS,
    default: 'operator',
    description: 'Who asks for it, for the record.',
  })
  @Matches(PRINTABLE, { message: 'author must be printable text' })
  @MaxLength(MAX_AUTHOR_CHARS)
  readonly author: string = 'operator';

  @ApiPropertyOptional({
    type: String,
    maxLength: MAX_NAME_CHARS,
    default: 'upload',
    description: 'Of the file, for the record.',
  })
  @Matches(PRINTABLE, { message: 'name must be printable text' })
  @MaxLength(MAX_NAME_CHARS)
  readonly name: string = 'upload';
}

export class ActivationBody extends AuthorBody {
  @ApiPropertyOptional({ type: String, description: 'Rate plan; needed only where versions of several plans have the hash.' })
  @IsOptional()
  @IsPlanName()
  readonly plan?: string;

  @ApiPropertyOptional({
    type: String,
    format: 'date-time',
    description: 'Rates calls answered from then on; by default in some seconds, when every program has heard of it.',
  })
  @IsOptional()
  @IsInstant()
  readonly at?: string;
}
