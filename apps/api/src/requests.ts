// HTTP's questions: the bodies, path and query parameters of every request, as class-validator checks them and OpenAPI tells them.

import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { DEFAULT_INTAKE_WINDOW_DAYS } from '@tollkeeper/ledger';
import { CDR_FORMATS, type CdrFormat } from '@tollkeeper/rating';
import {
  IsIn,
  IsInt,
  IsOptional,
  IsString,
  Matches,
  Max,
  MaxLength,
  Min,
  MinLength,
  ValidateBy,
  ValidateIf,
} from 'class-validator';
import { IsAmount, IsCurrency, IsPlanName, TENANT_NAME, WholeNumber } from './validation.js';

const MAX_PAGE_EVENTS = 500;
const MAX_PAGE_TENANTS = 1_000;
const DEFAULT_PAGE = 100;
const MAX_INTAKE_WINDOW_DAYS = 400;
const MAX_REFERENCE_CHARS = 128;
const MAX_FILE_CHARS = 255;
/** Ids of purchases over HTTP: the form of an Idempotency-Key. */
const PURCHASE_ID = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$/;

export const PRINTABLE = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]+$/u;
export const AMOUNT = { type: String, example: '25.00', description: "Decimal text in the account's currency." };
const TENANT_FAULT =
  'tenant must be 1 to 63 lower-case letters, digits, dots, dashes and underscores, beginning with a letter or digit';

export class TenantPath {
  @ApiProperty({ type: String, pattern: TENANT_NAME.source, example: 'acme' })
  @Matches(TENANT_NAME, { message: TENANT_FAULT })
  readonly tenant!: string;
}

export class PurchasePath extends TenantPath {
  @ApiProperty({ type: String, description: 'The Idempotency-Key of the purchase.' })
  @Matches(PURCHASE_ID, { message: 'id must be the Idempotency-Key of a purchase' })
  readonly id!: string;
}

export class OpenAccountBody {
  @ApiProperty({ type: String, example: 'EUR', description: 'ISO 4217; it never changes.' })
  @IsCurrency()
  readonly currency!: string;

  @ApiPropertyOptional({ type: String, default: 'default', description: 'Rate plan.' })
  @IsPlanName()
  readonly plan: string = 'default';

  @ApiPropertyOptional({ type: 'integer', default: DEFAULT_INTAKE_WINDOW_DAYS, minimum: 1, maximum: MAX_INTAKE_WINDOW_DAYS })
  @IsInt()
  @Min(1)
  @Max(MAX_INTAKE_WINDOW_DAYS)
  readonly intakeWindowDays: number = DEFAULT_INTAKE_WINDOW_DAYS;
}

const REFERENCE = { type: String, maxLength: MAX_REFERENCE_CHARS } as const;

export const PURCHASE_METHODS = ['invoice', 'card'] as const;

export class PurchaseBody {
  @ApiProperty(AMOUNT)
  @IsAmount()
  readonly amount!: string;

  @ApiProperty({ enum: PURCHASE_METHODS, description: 'An invoice credits at once; a card is charged first.' })
  @IsIn(PURCHASE_METHODS)
  readonly method!: (typeof PURCHASE_METHODS)[number];

  @ApiPropertyOptional({ ...REFERENCE, description: 'Required with `invoice`, refused with `card`.' })
  @ValidateIf((body: PurchaseBody) => body.method === 'invoice' || body.reference !== undefined)
  @OfInvoice()
  @Matches(PRINTABLE, { message: `reference must be the invoice's reference: printable text` })
  @MinLength(1)
  @MaxLength(MAX_REFERENCE_CHARS)
  readonly reference?: string;

  @ApiPropertyOptional({ ...REFERENCE, description: "The buyer's, with `invoice` only." })
  @IsOptional()
  @OfInvoice()
  @Matches(PRINTABLE, { message: 'purchaseOrder must be printable text' })
  @MaxLength(MAX_REFERENCE_CHARS)
  readonly purchaseOrder?: string;

  @ApiPropertyOptional({ ...REFERENCE, description: "Number of the agreement it is bought under, which is the account's." })
  @IsOptional()
  @OfInvoice()
  @Matches(PRINTABLE, { message: 'enterpriseAgreement must be printable text' })
  @MaxLength(MAX_REFERENCE_CHARS)
  readonly enterpriseAgreement?: string;
}

function OfInvoice(): PropertyDecorator {
  return ValidateBy({
    name: 'fitsMethod',
    validator: {
      validate: (_unchecked, about) => (about?.object as Partial<PurchaseBody> | undefined)?.method !== 'card',
      defaultMessage: () => '$property belongs to method invoice only; the payment of a card brings its own',
    },
  });
}

export class AutoRechargeBody {
  @ApiProperty({ ...AMOUNT, description: 'A recharge is asked for when available and pending credit fall below this.' })
  @IsAmount()
  readonly trigger!: string;

  @ApiProperty({ ...AMOUNT, description: 'How much each recharge buys; with a target, the least that one does.' })
  @IsAmount()
  readonly amount!: string;

  @ApiPropertyOptional({ ...AMOUNT, nullable: true, description: 'Recharges up to this much available credit.' })
  @IsOptional()
  @IsAmount()
  readonly target?: string | null;

  @ApiPropertyOptional({ ...AMOUNT, nullable: true, description: 'Most that is asked for within any 60 minutes.' })
  @IsOptional()
  @IsAmount()
  readonly maxPerHour?: string | null;

  @ApiPropertyOptional({ ...AMOUNT, nullable: true, description: 'Most that is asked for within a calendar month, UTC.' })
  @IsOptional()
  @IsAmount()
  readonly maxPerMonth?: string | null;
}

export class AlertThresholdBody {
  @ApiProperty({ ...AMOUNT, description: 'One alert each time the available balance falls below this.' })
  @IsAmount()
  readonly threshold!: string;
}

export class BalanceQuery {
  @ApiPropertyOptional({ type: 'integer', minimum: 0, description: 'Waits up to 5 s for the read model to come so far.' })
  @IsOptional()
  @WholeNumber()
  @IsInt({ message: 'minRevision must be a whole number of 0 or more' })
  readonly minRevision?: number;
}

export class TenantsQuery {
  @ApiPropertyOptional({ type: String, description: 'The tenant after which the page begins.' })
  @IsOptional()
  @Matches(TENANT_NAME, { message: 'after must be the name of a tenant' })
  readonly after?: string;

  @ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: MAX_PAGE_TENANTS, default: DEFAULT_PAGE })
  @WholeNumber()
  @IsInt()
  @Min(1)
  @Max(MAX_PAGE_TENANTS)
  readonly limit: number = DEFAULT_PAGE;
}

export class EventsQuery {
  @ApiPropertyOptional({ type: 'integer', minimum: 0, default: 0 })
  @WholeNumber()
  @IsInt({ message: 'fromRevision must be a whole number of 0 or more' })
  readonly fromRevision: number = 0;

  @ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: MAX_PAGE_EVENTS, default: DEFAULT_PAGE })
  @WholeNumber()
  @IsInt()
  @Min(1)
  @Max(MAX_PAGE_EVENTS)
  readonly limit: number = DEFAULT_PAGE;
}

export class CdrsQuery {
  @ApiPropertyOptional({ type: String, default: 'default', description: 'The configured source that the records come from.' })
  @IsString()
  @MinLength(1)
  @MaxLength(64)
  readonly source: string = 'default';

  @ApiPropertyOptional({ enum: CDR_FORMATS, description: "By default the source's, else told by each record's shape." })
  @IsOptional()
  @IsIn(CDR_FORMATS)
  readonly format?: CdrFormat;

  @ApiPropertyOptional({
    type: String,
    maxLength: MAX_FILE_CHARS,
    description: 'The body is a part of this file: records are told by their place in it, and faulty ones are put aside.',
  })
  @IsOptional()
  @Matches(PRINTABLE, { message: 'file must be printable text' })
  @MaxLength(MAX_FILE_CHARS)
  readonly file?: string;

  @ApiPropertyOptional({ type: 'integer', minimum: 1, default: 1, description: "With `file`: place of the body's first record." })
  @WholeNumber()
  @IsInt()
  @Min(1)
  readonly firstRecord: number = 1;
}
