// HTTP's answers about a tenant's webhooks, as OpenAPI tells them.

import { ApiProperty } from '@nestjs/swagger';
import { MESSAGE_TYPES } from '@tollkeeper/projections';
import type { DisabledReason } from '@tollkeeper/webhooks';

const INSTANT = { type: String, format: 'date-time' } as const;

export class WebhookView {
  @ApiProperty({ type: String, format: 'uuid' }) readonly id!: string;
  @ApiProperty({ type: String }) readonly tenant!: string;
  @ApiProperty({ type: String }) readonly url!: string;
  @ApiProperty({ enum: MESSAGE_TYPES, isArray: true, nullable: true, description: 'Null: all.' })
  readonly types!: readonly string[] | null;
  @ApiProperty({ enum: ['active', 'disabled'] }) readonly status!: 'active' | 'disabled';
  @ApiProperty({ enum: ['gone', 'failing', 'asked'], nullable: true, description: '`gone`: it answered 410.' })
  readonly disabledReason!: DisabledReason | null;
  @ApiProperty({ ...INSTANT, nullable: true }) readonly disabledAt!: string | null;
  @ApiProperty({ type: 'integer', description: 'Attempts in a row that failed.' }) readonly failures!: number;
  @ApiProperty({ ...INSTANT, nullable: true }) readonly failingSince!: string | null;
  @ApiProperty(INSTANT) readonly createdAt!: string;
}

export class AddedWebhookView extends WebhookView {
  @ApiProperty({
    type: String,
    nullable: true,
    example: 'whsec_…',
    description: 'Signs the messages (Standard Webhooks). Shown this once: null when the Idempotency-Key came again.',
  })
  readonly secret!: string | null;
}

export class WebhooksView {
  @ApiProperty({ type: String }) readonly tenant!: string;
  @ApiProperty({ type: [WebhookView], description: 'In the order in which they were added.' })
  readonly webhooks!: readonly WebhookView[];
}
