// HTTP's questions about a tenant's users: paths, bodies and queries, as class-validator checks them and OpenAPI tells them.

import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { DIAL_OUT_POLICIES, LICENCES, type DialOutPolicy, type Licence } from '@tollkeeper/ledger';
import { faultOfIdentity, MAX_IDENTITY_CHARS } from '@tollkeeper/people';
import { Transform } from 'class-transformer';
import { ArrayMaxSize, IsArray, IsBoolean, IsIn, IsInt, IsOptional, Matches, Max, Min, ValidateBy } from 'class-validator';
import { IsInstant } from './price-requests.js';
import { TenantPath } from './requests.js';
import { WholeNumber } from './validation.js';

const MAX_PAGE_USERS = 500;
const DEFAULT_PAGE = 100;
const LICENCE_NAMES = Object.keys(LICENCES) as Licence[];
const PSEUDONYM = /^u-[A-Za-z0-9_-]{22}$/;

export class UserPath extends TenantPath {
  @ApiProperty({
    type: String,
    maxLength: MAX_IDENTITY_CHARS,
    example: 'anna@contoso.com',
    description: 'User id or principal name, as CDRs carry it; capitals do not matter.',
  })
  @ValidateBy({
    name: 'isIdentity',
    validator: {
      validate: (unchecked) => typeof unchecked === 'string' && faultOfIdentity(unchecked) === undefined,
      defaultMessage: (about) => `user ${faultOfIdentity(String(about?.value)) ?? 'is no user'}`,
    },
  })
  readonly user!: string;
}

const FROM = { type: String, format: 'date-time', description: 'For calls answered from then on; by default from now on.' };

export class PolicyBody {
  @ApiProperty({ enum: DIAL_OUT_POLICIES, description: 'What may be dialled; emergency numbers always.' })
  @IsIn(DIAL_OUT_POLICIES)
  readonly policy!: DialOutPolicy;

  @ApiPropertyOptional(FROM)
  @IsOptional()
  @IsInstant()
  readonly from?: string;
}

export class LicencesBody {
  @ApiProperty({ type: String, example: 'FR', description: 'Of the licences, ISO 3166.' })
  @Matches(/^[A-Z]{2}$/, { message: 'country must be an ISO 3166 code of two capitals, such as "FR"' })
  readonly country!: string;

  @ApiProperty({ enum: LICENCE_NAMES, isArray: true, description: 'All that the user holds; none for one who has left.' })
  @IsArray()
  @ArrayMaxSize(LICENCE_NAMES.length)
  @IsIn(LICENCE_NAMES, { each: true, message: `each of licences must be one of ${LICENCE_NAMES.join(', ')}` })
  readonly licences!: readonly Licence[];

  @ApiPropertyOptional(FROM)
  @IsOptional()
  @IsInstant()
  readonly from?: string;
}

export class UsersQuery {
  @ApiPropertyOptional({ type: String, description: 'The pseudonym after which the page begins.' })
  @IsOptional()
  @Matches(PSEUDONYM, { message: 'after must be the pseudonym of a user' })
  readonly after?: string;

  @ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: MAX_PAGE_USERS, default: DEFAULT_PAGE })
  @WholeNumber()
  @IsInt()
  @Min(1)
  @Max(MAX_PAGE_USERS)
  readonly limit: number = DEFAULT_PAGE;
}

export class LicencesQuery {
  @ApiPropertyOptional({ type: Boolean, default: false, description: 'Uses the rows without a fault, instead of none.' })
  @Flag()
  @IsBoolean({ message: 'skipFaulty must be true or false' })
  readonly skipFaulty: boolean = false;

  @ApiPropertyOptional({ type: Boolean, default: false, description: 'Reads and judges the file and assigns nothing.' })
  @Flag()
  @IsBoolean({ message: 'dryRun must be true or false' })
  readonly dryRun: boolean = false;
}

/** A query's word to a boolean; anything else stays text, for `@IsBoolean` to refuse. */
export function Flag(): PropertyDecorator {
  return Transform(({ value }: { value: unknown }) => (value === 'true' ? true : value === 'false' ? false : value));
}
