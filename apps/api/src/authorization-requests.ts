// HTTP's questions and answers about calls in progress, in the terms of RFC 8506 (Diameter Credit-Control), as class-validator checks
// them and OpenAPI tells them.

import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { MAX_USAGE_MS } from '@tollkeeper/rating';
import { IsIn, IsInt, IsOptional, Matches, Max, MaxLength, Min } from 'class-validator';
import { IsInstant } from './price-requests.js';
import { TENANT_NAME } from './validation.js';

const MAX_SECONDS = MAX_USAGE_MS / 1000;
const MAX_NUMBER_CHARS = 64;
const MAX_USER_CHARS = 256;
const SESSION = /^[\x21-\x7e]{1,128}$/;
const CATEGORY = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
const SOURCE = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/;
const USED = { type: 'integer', example: 120, description: 'Seconds from answer.' } as const;
const REQUESTED = { type: 'integer', example: 300, description: "By default the account's quota." } as const;

export class SessionPath {
  @ApiProperty({ type: String, example: 'b2c9a1f0@sbc-1' })
  @Matches(SESSION, { message: 'sessionId must be 1 to 128 printable ASCII characters without blanks' })
  readonly sessionId!: string;
}

class OfTenant {
  @ApiProperty({ type: String, example: 'acme' })
  @Matches(TENANT_NAME, { message: 'tenant must be the name of a tenant' })
  readonly tenant!: string;
}

export class AuthorizationBody extends OfTenant {
  @ApiProperty({ type: String, example: 'b2c9a1f0@sbc-1', description: "The call's id; its CDR carries it as `sessionId`." })
  @Matches(SESSION, { message: 'sessionId must be 1 to 128 printable ASCII characters without blanks' })
  readonly sessionId!: string;

  @ApiPropertyOptional({ type: String, description: 'Who calls, or of a conference leg the organiser: id or principal name.' })
  @IsOptional()
  @MaxLength(MAX_USER_CHARS)
  readonly user?: string;

  @ApiPropertyOptional({ type: String, example: '+33123456789' })
  @IsOptional()
  @MaxLength(MAX_NUMBER_CHARS)
  readonly calling?: string;

  @ApiProperty({ type: String, example: '+4930123456', description: 'E.164, or as dialled at `source`.' })
  @MaxLength(MAX_NUMBER_CHARS)
  readonly called!: string;

  @ApiPropertyOptional({ type: String, example: 'switch-1', description: 'Whose habits of dialling `called` follows.' })
  @IsOptional()
  @Matches(SOURCE, { message: 'source must be the name of a configured source' })
  readonly source?: string;

  @ApiPropertyOptional({ type: String, default: 'outbound', description: 'As in the rate deck.' })
  @IsOptional()
  @Matches(CATEGORY, { message: 'category must be a name such as outbound' })
  readonly category?: string;

  @ApiPropertyOptional({ enum: ['inbound', 'outbound'], default: 'outbound' })
  @IsOptional()
  @IsIn(['inbound', 'outbound'])
  readonly direction?: 'inbound' | 'outbound';

  @ApiPropertyOptional(REQUESTED)
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(MAX_SECONDS)
  readonly requestedSeconds?: number;

  @ApiPropertyOptional({
    type: String,
    format: 'date-time',
    description: 'When the call is thought to be answered; by default now.',
  })
  @IsOptional()
  @IsInstant()
  readonly presumedAnswer?: string;
}

export class TerminationBody extends OfTenant {
  @ApiProperty(USED)
  @IsInt()
  @Min(0)
  @Max(MAX_SECONDS)
  readonly usedSeconds!: number;
}

export class UpdateBody extends TerminationBody {
  @ApiPropertyOptional(REQUESTED)
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(MAX_SECONDS)
  readonly requestedSeconds?: number;
}

const MONEY = { type: String, example: '12.5' } as const;

class HeldView {
  @ApiProperty(MONEY) readonly amount!: string;
  @ApiProperty({ type: 'integer', description: 'Of included minutes.' }) readonly poolSeconds!: number;
}

class FinalUnitIndication {
  @ApiProperty({ enum: ['terminate'] }) readonly action!: 'terminate';
}

export class AuthorizationAnswer {
  @ApiProperty({ type: String }) readonly tenant!: string;
  @ApiProperty({ type: String }) readonly sessionId!: string;
  @ApiProperty({ type: Boolean, description: 'False when the same was asked before.' }) readonly changed!: boolean;
  @ApiProperty({ type: 'integer', description: 'From answer, in whole increments, used ones included.' })
  readonly grantedSeconds!: number;
  @ApiProperty({ type: 'integer', description: 'Ask for more, or end the call, within so many seconds.' })
  readonly validitySeconds!: number;
  @ApiProperty({ type: FinalUnitIndication, nullable: true, description: 'Set when no more would be granted.' })
  readonly finalUnitIndication!: FinalUnitIndication | null;
  @ApiProperty({ enum: ['emergency', 'unlimited', 'pool', 'credit'] }) readonly coverage!: string;
  @ApiProperty({ type: HeldView }) readonly held!: HeldView;
  @ApiProperty({ type: String }) readonly currency!: string;
  @ApiProperty(MONEY) readonly balance!: string;
  @ApiProperty(MONEY) readonly reserved!: string;
  @ApiProperty(MONEY) readonly available!: string;
}
