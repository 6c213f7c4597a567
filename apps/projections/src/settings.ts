// Settings of the projections program, each an environment variable.

import { Setting } from '@tollkeeper/program';
import { IsInt, IsNotEmpty, IsOptional, Max, Min } from 'class-validator';
import { DEAD_LETTER_GROUP } from './projections-runner.js';

export class ProjectionsSettings {
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

  @Setting({ env: 'BALANCE_TOPIC', description: 'topic for balance events', default: 'credit.balance.v1' })
  @IsNotEmpty()
  readonly balanceTopic!: string;

  @Setting({ env: 'ALERT_TOPIC', description: 'topic for low-balance alerts', default: 'credit.alert.v1' })
  @IsNotEmpty()
  readonly alertTopic!: string;

  @Setting({ env: 'RECHARGE_COMMAND_TOPIC', description: 'topic for recharge commands', default: 'credit.recharge-command.v1' })
  @IsNotEmpty()
  readonly rechargeCommandTopic!: string;

  @Setting({
    env: 'DEAD_LETTER_TOPIC',
    description: 'topic of what could not be recorded, for its list',
    default: 'telephony.cdr.v1.dlt',
  })
  @IsNotEmpty()
  readonly deadLetterTopic!: string;

  @Setting({
    env: 'CONSUMER_GROUP',
    description: 'group on the message bus that lists the dead letters',
    default: DEAD_LETTER_GROUP,
  })
  @IsNotEmpty()
  readonly group!: string;

  @Setting({
    env: 'REBUILD',
    description: 'read models to build anew at this start',
    example: 'balance,low-balance-alert,auto-recharge',
  })
  @IsOptional()
  readonly rebuild?: string[];

  @Setting({ env: 'HEALTH_HOST', description: 'address of /livez, /readyz and /metrics', default: '127.0.0.1' })
  @IsNotEmpty()
  readonly healthHost!: string;

  @Setting({ env: 'HEALTH_PORT', description: 'port of /livez, /readyz and /metrics; 0 takes a free one', default: '9102' })
  @IsInt()
  @Min(0)
  @Max(65_535)
  readonly healthPort!: number;
}
