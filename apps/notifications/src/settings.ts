// Settings of the notifications program, each an environment variable.

import { Setting } from '@tollkeeper/program';
import { IsBoolean, IsInt, IsNotEmpty, IsOptional, Matches, Max, Min } from 'class-validator';
import { DEFAULT_WEBHOOK_TIMEOUT_MS } from './webhook-post.js';

/** Notices older than this are no news: of a ledger's past, or of an outage of days. */
export const DEFAULT_NOTICE_MAX_AGE_HOURS = 72;
const SMTP_FORM = /^smtps?:\/\/\S+$/;
const FROM_FORM = /^[^\r\n]*[^\s@<>]+@[A-Za-z0-9.-]+>?$/;
const LINK_FORM = /^https?:\/\/\S*\{rechargeId\}\S*$/;

/** What concerns mails and webhooks alone, which the embedded program takes too. */
export class NoticeSettings {
  @Setting({
    env: 'SMTP_URL',
    description: 'mail server, smtp:// (with STARTTLS where it has it) or smtps://; without it no mails are sent',
    example: 'smtps://user:password@mail.example:465',
    secret: true,
  })
  @IsOptional()
  @Matches(SMTP_FORM, { message: 'must begin with smtp:// or smtps://' })
  readonly smtpUrl?: string;

  @Setting({
    env: 'MAIL_FROM',
    description: 'sender of the mails, needed with SMTP_URL',
    example: 'Tollkeeper <billing@carrier.example>',
  })
  @IsOptional()
  @Matches(FROM_FORM, { message: 'must be a mail address, with or without a name before it' })
  readonly mailFrom?: string;

  @Setting({
    env: 'AUTHENTICATION_URL',
    description:
      'page where a card’s holder authenticates a payment, with {tenant} and {rechargeId}; without it mails have no link',
    example: 'https://pay.example/authenticate?tenant={tenant}&recharge={rechargeId}',
  })
  @IsOptional()
  @Matches(LINK_FORM, { message: 'must begin with https:// or http:// and hold {rechargeId}' })
  readonly authenticationUrl?: string;

  @Setting({
    env: 'NOTICE_MAX_AGE_HOURS',
    description: 'hours after which what has not been told is told to nobody, by mail or webhook',
    default: String(DEFAULT_NOTICE_MAX_AGE_HOURS),
  })
  @IsInt()
  @Min(1)
  @Max(720)
  readonly noticeMaxAgeHours!: number;

  @Setting({
    env: 'WEBHOOK_ALLOW_PRIVATE',
    description: 'true lets webhooks go to http:// and to addresses that are not on the public internet',
    default: 'false',
  })
  @IsBoolean()
  readonly webhookAllowPrivate!: boolean;

  @Setting({
    env: 'WEBHOOK_TIMEOUT_MS',
    description: 'milliseconds that a subscriber has for an answer',
    default: String(DEFAULT_WEBHOOK_TIMEOUT_MS),
  })
  @IsInt()
  @Min(100)
  @Max(60_000)
  readonly webhookTimeoutMs!: number;
}

/** Faults that show only when the settings are seen together. */
export function noticeFaults({ smtpUrl, mailFrom }: NoticeSettings): readonly string[] {
  return smtpUrl !== undefined && mailFrom === undefined ? ['MAIL_FROM is not set; SMTP_URL needs a sender of the mails'] : [];
}

export class NotificationsSettings extends NoticeSettings {
  @Setting({ env: 'KURRENTDB_URL', description: 'event store', example: 'kurrentdb://kurrentdb:2113?tls=false', secret: true })
  @IsNotEmpty()
  readonly eventStoreUrl!: string;

  @Setting({
    env: 'DATABASE_URL',
    description: 'database of the notices, the webhooks and the sealing keys',
    example: 'postgres://tollkeeper@db:5432/tollkeeper',
  })
  @IsNotEmpty()
  readonly databaseUrl!: string;

  @Setting({ env: 'SEALING_MASTER_KEY', description: '32 bytes in base64 that wrap the sealing keys', secret: true })
  @IsOptional()
  readonly sealingMasterKey?: string;

  @Setting({
    env: 'REBUILD',
    description: 'notices: forgets what was folded and reads the ledger anew; nothing is sent again',
    example: 'notices',
  })
  @IsOptional()
  @Matches(/^notices$/, { message: 'must be notices' })
  readonly rebuild?: string;

  @Setting({ env: 'HEALTH_HOST', description: 'address of /livez, /readyz and /metrics', default: '127.0.0.1' })
  @IsNotEmpty()
  readonly healthHost!: string;

  @Setting({ env: 'HEALTH_PORT', description: 'port of /livez, /readyz and /metrics; 0 takes a free one', default: '9104' })
  @IsInt()
  @Min(0)
  @Max(65_535)
  readonly healthPort!: number;
}
