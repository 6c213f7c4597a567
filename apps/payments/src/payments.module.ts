// The payments program as a Nest module: its runner starts with the application and stops with it.

import { Module, type DynamicModule } from '@nestjs/common';
import { PaymentsRunner, type PaymentsParts } from './payments-runner.js';

@Module({})
export class PaymentsModule {
  static register(parts: PaymentsParts): DynamicModule {
    return { module: PaymentsModule, providers: [{ provide: PaymentsRunner, useFactory: () => new PaymentsRunner(parts) }] };
  }
}
