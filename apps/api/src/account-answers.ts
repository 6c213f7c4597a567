// HTTP's answers about an account's terms and who is written to, as OpenAPI tells them.

import { ApiProperty } from '@nestjs/swagger';
import { LANGUAGES, type Language } from '@tollkeeper/people';

const COUNTRY = { type: String, nullable: true } as const;
const WHOLE = { type: 'integer' } as const;

export class TermsView {
  @ApiProperty({ type: String }) readonly tenant!: string;
  @ApiProperty(COUNTRY) readonly country!: string | null;
  @ApiProperty(COUNTRY) readonly billingCountry!: string | null;
  @ApiProperty({ type: String, nullable: true }) readonly enterpriseAgreement!: string | null;
  @ApiProperty({ enum: ['required', 'off'] }) readonly licensing!: 'required' | 'off';
  @ApiProperty(WHOLE) readonly lotTermMonths!: number;
  @ApiProperty(WHOLE) readonly lotWarningDays!: number;
  @ApiProperty(WHOLE) readonly quotaSeconds!: number;
  @ApiProperty(WHOLE) readonly settleTimeoutSeconds!: number;
  @ApiProperty({ type: String, nullable: true }) readonly burstLimit!: string | null;
}

export class RecipientsView {
  @ApiProperty({ type: String }) readonly tenant!: string;
  @ApiProperty({ type: [String] }) readonly addresses!: readonly string[];
  @ApiProperty({ enum: LANGUAGES, nullable: true, description: 'Null when none were set, or they were erased.' })
  readonly language!: Language | null;
}
