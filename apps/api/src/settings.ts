// Settings of the API program, each an environment variable.

import { Setting } from '@tollkeeper/program';
import { IsBoolean, IsInt, IsNotEmpty, IsOptional, Max, Min, MinLength, ValidateBy } from 'class-validator';
import { DEFAULT_MINIMUM_PURCHASE, parseMinimumPurchase } from './minimum-purchase.js';
import { DEFAULT_CDR_TOPIC, DEFAULT_DEAD_LETTER_TOPIC, DEFAULT_PARKED_TOPIC, DEFAULT_RATING_GROUP } from './parts.js';

/** Shorter ones are guessed. */
const MIN_TOKEN_CHARS = 16;

export class ApiSettings {
  @Setting({ env: 'API_HOST', description: 'address to serve HTTP on', default: '127.0.0.1' })
  @IsNotEmpty()
  readonly host!: string;

  @Setting({ env: 'API_PORT', description: 'port to serve HTTP on; 0 takes a free one', default: '3000' })
  @IsInt()
  @Min(0)
  @Max(65_535)
  readonly port!: number;

  @Setting({ env: 'KAFKA_BROKERS', description: 'brokers of the message bus', example: 'kafka-1:9092,kafka-2:9092' })
  @IsNotEmpty()
  readonly brokers!: string;

  @Setting({ env: 'KURRENTDB_URL', description: 'event store', example: 'kurrentdb://kurrentdb:2113?tls=false', secret: true })
  @IsNotEmpty()
  readonly eventStoreUrl!: string;

  @Setting({
    env: 'DATABASE_URL',
    description: 'database of the read models and the sealing keys',
    example: 'postgres://tollkeeper@db:5432/tollkeeper',
  })
  @IsNotEmpty()
  readonly databaseUrl!: string;

  @Setting({ env: 'SEALING_MASTER_KEY', description: '32 bytes in base64 that wrap the sealing keys', secret: true })
  @IsOptional()
  readonly sealingMasterKey?: string;

  @Setting({
    env: 'OPERATOR_TOKEN',
    description:
      "needed as a bearer token for invoices, adjustments, terms and all that operates the ledger; without it they are anybody's",
    secret: true,
  })
  @IsOptional()
  @MinLength(MIN_TOKEN_CHARS)
  readonly operatorToken?: string;

  @Setting({
    env: 'MINIMUM_PURCHASE',
    description: 'least that is sold, by currency; EUR=0 lifts it, other currencies have none',
    default: DEFAULT_MINIMUM_PURCHASE,
  })
  @ValidateBy({
    name: 'isMinimumPurchase',
    validator: {
      validate: (unchecked) => typeof unchecked === 'string' && parseMinimumPurchase(unchecked) !== undefined,
      defaultMessage: () => `$property must be amounts of 0 or more by currency, such as ${DEFAULT_MINIMUM_PURCHASE}`,
    },
  })
  readonly minimumPurchase!: string;

  @Setting({
    env: 'SOURCES_FILE',
    description: 'JSON file with the switches and what names their tenants',
    example: '/etc/tollkeeper/sources.json',
  })
  @IsNotEmpty()
  readonly sourcesFile!: string;

  /** The notifications program has the same one: it judges again whom it calls. */
  @Setting({
    env: 'WEBHOOK_ALLOW_PRIVATE',
    description: 'true lets webhooks go to http:// and to addresses that are not on the public internet',
    default: 'false',
  })
  @IsBoolean()
  readonly webhookAllowPrivate!: boolean;

  @Setting({ env: 'CDR_TOPIC', description: 'topic that accepted CDRs go to, keyed by tenant', default: DEFAULT_CDR_TOPIC })
  @IsNotEmpty()
  readonly cdrTopic!: string;

  @Setting({ env: 'DEAD_LETTER_TOPIC', description: 'topic of what could not be recorded', default: DEFAULT_DEAD_LETTER_TOPIC })
  @IsNotEmpty()
  readonly deadLetterTopic!: string;

  @Setting({ env: 'PARKED_TOPIC', description: 'topic of CDRs of tenants set aside', default: DEFAULT_PARKED_TOPIC })
  @IsNotEmpty()
  readonly parkedTopic!: string;

  @Setting({
    env: 'RATING_CONSUMER_GROUP',
    description: "the rating program's CONSUMER_GROUP, to tell how far behind it is",
    default: DEFAULT_RATING_GROUP,
  })
  @IsNotEmpty()
  readonly ratingGroup!: string;

  @Setting({
    env: 'EXPIRY_SWEEP_MS',
    description: 'milliseconds between two looks for what has fallen due; 0 never looks',
    default: '60000',
  })
  @IsInt()
  @Min(0)
  @Max(86_400_000)
  readonly expirySweepMs!: number;

  @Setting({ env: 'MAX_CACHED_ACCOUNTS', description: 'accounts kept in memory', default: '1000' })
  @IsInt()
  @Min(1)
  @Max(1_000_000)
  readonly maxCachedAccounts!: number;
}
