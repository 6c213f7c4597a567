// HTTP's questions about an account's terms and who is written to: their bodies, as class-validator checks them and OpenAPI tells them.

import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { DEFAULT_TERMS } from '@tollkeeper/ledger';
import { ArrayMaxSize, ArrayUnique, IsArray, IsEmail, IsIn, IsInt, IsOptional, IsString, ValidateIf } from 'class-validator';
import { LANGUAGES, MAX_RECIPIENTS, type Language } from '@tollkeeper/people';
import { IsAmount } from './validation.js';

const COUNTRY = { type: String, nullable: true, example: 'FR' } as const;

/** Absent leaves a term as it is; null forgets it. */
function Given(): PropertyDecorator {
  return ValidateIf((_body, value) => value !== undefined);
}

/** Bounds are the ledger's, which says so: `terms-invalid`. */
export class TermsBody {
  @ApiPropertyOptional({ ...COUNTRY, description: 'Of the organisation, ISO 3166.' })
  @IsOptional()
  @IsString()
  readonly country?: string | null;

  @ApiPropertyOptional({ ...COUNTRY, description: 'Of the billing address, ISO 3166.' })
  @IsOptional()
  @IsString()
  readonly billingCountry?: string | null;

  @ApiPropertyOptional({ type: String, nullable: true, description: 'Number of the Enterprise Agreement.' })
  @IsOptional()
  @IsString()
  readonly enterpriseAgreement?: string | null;

  @ApiPropertyOptional({ enum: ['required', 'off'], description: 'Whether users need a licence to draw on the balance.' })
  @Given()
  @IsIn(['required', 'off'])
  readonly licensing?: 'required' | 'off';

  @ApiPropertyOptional({ type: 'integer', default: DEFAULT_TERMS.lotTermMonths, description: 'After which new credit expires.' })
  @Given()
  @IsInt()
  readonly lotTermMonths?: number;

  @ApiPropertyOptional({ type: 'integer', default: DEFAULT_TERMS.lotWarningDays, description: 'Before the expiry of credit.' })
  @Given()
  @IsInt()
  readonly lotWarningDays?: number;

  @ApiPropertyOptional({ type: 'integer', default: DEFAULT_TERMS.quotaSeconds, description: 'Most that one grant gives.' })
  @Given()
  @IsInt()
  readonly quotaSeconds?: number;

  @ApiPropertyOptional({
    type: 'integer',
    default: DEFAULT_TERMS.settleTimeoutSeconds,
    description: 'How long a hold waits for its CDR after the call has ended.',
  })
  @Given()
  @IsInt()
  readonly settleTimeoutSeconds?: number;

  @ApiPropertyOptional({ type: String, nullable: true, example: '50', description: 'Spending within a clock hour that alarms.' })
  @IsOptional()
  @IsAmount()
  readonly burstLimit?: string | null;
}

export class RecipientsBody {
  @ApiProperty({ type: [String], example: ['billing@contoso.com'], maxItems: MAX_RECIPIENTS, description: 'None: no mails.' })
  @IsArray()
  @ArrayMaxSize(MAX_RECIPIENTS)
  @ArrayUnique({ message: 'addresses names an address twice' })
  @IsEmail({}, { each: true, message: 'each of addresses must be a mail address' })
  readonly addresses!: readonly string[];

  @ApiProperty({ enum: LANGUAGES })
  @IsIn(LANGUAGES)
  readonly language!: Language;
}
