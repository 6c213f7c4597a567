// HTTP's questions about a tenant's webhooks: paths and bodies, as class-validator checks them and OpenAPI tells them.

import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { MESSAGE_TYPES } from '@tollkeeper/projections';
import { ArrayMaxSize, IsArray, IsOptional, IsString, IsUUID } from 'class-validator';
import { TenantPath } from './requests.js';

const MAX_NAMED_TYPES = 100;

export class WebhookPath extends TenantPath {
  @ApiProperty({ type: String, format: 'uuid' })
  @IsUUID('all', { message: 'id must be the id of a webhook' })
  readonly id!: string;
}

/** Which URLs and types there may be is the webhooks' own to say: `webhook-url-…`, `webhook-type-unknown`. */
export class WebhookBody {
  @ApiProperty({ type: String, example: 'https://hooks.contoso.com/tollkeeper', description: 'On the public internet.' })
  @IsString()
  readonly url!: string;

  @ApiPropertyOptional({ enum: MESSAGE_TYPES, isArray: true, nullable: true, description: 'Absent or null: all.' })
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(MAX_NAMED_TYPES)
  @IsString({ each: true })
  readonly types?: readonly string[] | null;
}
