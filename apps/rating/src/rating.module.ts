// The rating program as a Nest module: its runner starts with the application and stops with it.

import { Module, type DynamicModule } from '@nestjs/common';
import { RatingRunner, type RatingOptions } from './rating-runner.js';

@Module({})
export class RatingModule {
  static register(options: RatingOptions): DynamicModule {
    return { module: RatingModule, providers: [{ provide: RatingRunner, useFactory: () => new RatingRunner(options) }] };
  }
}
