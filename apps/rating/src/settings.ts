// Settings of the rating program, each an environment variable.

import { Setting } from '@tollkeeper/program';
import { IsIn, IsInt, IsNotEmpty, IsOptional, Max, Min } from 'class-validator';
import { UNRATED_CALLS, type UnratedCalls } from './command-of.js';

export class RatingSettings {
  @Setting({ env: 'KAFKA_BROKERS', description: 'brokers of the message bus', example: 'kafka-1:9092,kafka-2:9092' })
  @IsNotEmpty()
  readonly brokers!: string;

  @Setting({ env: 'KURRENTDB_URL', description: 'event store', example: 'kurrentdb://kurrentdb:2113?tls=false', secret: true })
  @IsNotEmpty()
  readonly eventStoreUrl!: string;

  @Setting({
    env: 'DATABASE_URL',
    description: 'database that holds the sealing keys',
    example: 'postgres://tollkeeper@db:5432/tollkeeper',
  })
  @IsNotEmpty()
  readonly databaseUrl!: string;

  @Setting({ env: 'SEALING_MASTER_KEY', description: '32 bytes in base64 that wrap the sealing keys', secret: true })
  @IsOptional()
  readonly sealingMasterKey?: string;

  @Setting({
    env: 'SOURCES_FILE',
    description: 'JSON file with the switches and what names their tenants',
    example: '/etc/tollkeeper/sources.json',
  })
  @IsNotEmpty()
  readonly sourcesFile!: string;

  @Setting({
    env: 'UNRATED_CALLS',
    description: 'what becomes of a call without a rate: dead-letter puts it aside, free records it at no cost as a FREECALL',
    default: 'dead-letter',
  })
  @IsIn(UNRATED_CALLS)
  readonly unratedCalls!: UnratedCalls;

  @Setting({ env: 'CDR_TOPIC', description: 'topic that CDRs come in on, keyed by tenant', default: 'telephony.cdr.v1' })
  @IsNotEmpty()
  readonly cdrTopic!: string;

  @Setting({ env: 'DEAD_LETTER_TOPIC', description: 'topic for what cannot be recorded', default: 'telephony.cdr.v1.dlt' })
  @IsNotEmpty()
  readonly deadLetterTopic!: string;

  @Setting({ env: 'PARKED_TOPIC', description: 'topic for CDRs of tenants set aside', default: 'telephony.cdr.v1.parked' })
  @IsNotEmpty()
  readonly parkedTopic!: string;

  @Setting({ env: 'CONSUMER_GROUP', description: 'consumer group on the message bus', default: 'rating' })
  @IsNotEmpty()
  readonly group!: string;

  @Setting({ env: 'SNAPSHOT_DIR', description: 'folder for disposable snapshots of long accounts; none are kept without it' })
  @IsOptional()
  readonly snapshotFolder?: string;

  @Setting({ env: 'MAX_CACHED_ACCOUNTS', description: 'accounts kept in memory', default: '10000' })
  @IsInt()
  @Min(1)
  @Max(1_000_000)
  readonly maxCachedAccounts!: number;

  @Setting({ env: 'HEALTH_HOST', description: 'address of /livez, /readyz and /metrics', default: '127.0.0.1' })
  @IsNotEmpty()
  readonly healthHost!: string;

  @Setting({ env: 'HEALTH_PORT', description: 'port of /livez, /readyz and /metrics; 0 takes a free one', default: '9101' })
  @IsInt()
  @Min(0)
  @Max(65_535)
  readonly healthPort!: number;
}
