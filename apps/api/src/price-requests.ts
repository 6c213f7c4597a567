// HTTP's questions about prices and plans: their bodies, as class-validator checks them and OpenAPI tells them.

import { MAX_INSTANT_MS, MAX_USAGE_MS, MIN_INSTANT_MS } from '@tollkeeper/rating';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsNumber, IsOptional, Matches, Max, Min, ValidateBy, ValidateIf } from 'class-validator';
import { IsAmount, IsCurrency, IsPlanName, TENANT_NAME } from './validation.js';

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
const E164 = /^\+[1-9]\d{3,14}$/;
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)$/;

/** An instant with its offset from UTC, within what a switch can report. */
export function IsInstant(): PropertyDecorator {
  return ValidateBy({
    name: 'isInstant',
    validator: {
      validate: (unchecked) =>
        typeof unchecked === 'string' && INSTANT.test(unchecked) && isWithinCalendar(Date.parse(unchecked)),
      defaultMessage: () => '$property must be an instant with its offset, such as "2026-12-25T08:00:00Z"',
    },
  });
}

function isWithinCalendar(atMs: number): boolean {
  return atMs >= MIN_INSTANT_MS && atMs < MAX_INSTANT_MS;
}

export class PlanBody {
  @ApiProperty({ type: String, example: 'gold', description: 'Rate plan.' })
  @IsPlanName()
  readonly plan!: string;

  @ApiPropertyOptional({ type: String, format: 'date-time', description: 'Calls answered from then on; by default from now on.' })
  @IsOptional()
  @IsInstant()
  readonly from?: string;
}

export class PriceBody {
  @ApiPropertyOptional({ type: String, example: 'acme', description: "Prices by this account's plan, currency and credit." })
  @IsOptional()
  @Matches(TENANT_NAME, { message: 'tenant must be the name of a tenant' })
  readonly tenant?: string;

  @ApiPropertyOptional({ type: String, default: 'default', description: 'Rate plan; not beside `tenant`, whose own it is.' })
  @ValidateIf((body: PriceBody) => body.plan !== undefined)
  @NotBesideTenant()
  @IsPlanName()
  readonly plan?: string;

  @ApiPropertyOptional({ type: String, example: 'EUR', description: 'Required without `tenant`, refused beside it.' })
  @ValidateIf((body: PriceBody) => body.tenant === undefined || body.currency !== undefined)
  @NotBesideTenant()
  @IsCurrency()
  readonly currency?: string;

  @ApiPropertyOptional({ type: String, default: 'outbound' })
  @Matches(NAME, { message: 'category must be a name such as outbound' })
  readonly category: string = 'outbound';

  @ApiProperty({ type: String, example: '+4930123456', description: 'E.164.' })
  @Matches(E164, { message: 'calledNumber must be E.164, such as "+4930123456"' })
  readonly calledNumber!: string;

  @ApiPropertyOptional({ type: String, format: 'date-time', description: 'By default now.' })
  @IsOptional()
  @IsInstant()
  readonly answerTime?: string;

  @ApiPropertyOptional({ type: Number, default: 60, description: 'Answered duration, to the millisecond.' })
  @IsNumber({ maxDecimalPlaces: 3 }, { message: 'usageSeconds must be a number of seconds with at most 3 decimals' })
  @Min(0)
  @Max(MAX_USAGE_MS / 1000)
  readonly usageSeconds: number = 60;

  @ApiPropertyOptional({
    type: String,
    example: '25.00',
    description: 'How long this much lasts; by default the available balance of `tenant`.',
  })
  @IsOptional()
  @IsAmount()
  readonly balance?: string;
}

function NotBesideTenant(): PropertyDecorator {
  return ValidateBy({
    name: 'notBesideTenant',
    validator: {
      validate: (_unchecked, about) => (about?.object as Partial<PriceBody> | undefined)?.tenant === undefined,
      defaultMessage: () => "$property is the account's own; leave it out beside tenant",
    },
  });
}
