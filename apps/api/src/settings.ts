// Settings of the API program, each an environment variable.

import { Setting } from '@tollkeeper/program';
import { IsInt, IsNotEmpty, IsOptional, Max, Min } from 'class-validator';

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
    description: 'database of the read models',
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

  @Setting({ env: 'CDR_TOPIC', description: 'topic that accepted CDRs go to, keyed by tenant', default: 'telephony.cdr.v1' })
  @IsNotEmpty()
  readonly cdrTopic!: string;

  @Setting({
    env: 'EXPIRY_SWEEP_MS',
    description: 'milliseconds between two looks for expired credit; 0 never looks',
    default: '3600000',
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
