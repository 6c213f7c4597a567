// The projections program as a Nest module: its runner starts with the application and stops with it.

import { Module, type DynamicModule } from '@nestjs/common';
import { ProjectionsRunner, type ProjectionsOptions } from './projections-runner.js';

@Module({})
export class ProjectionsModule {
  static register(options: ProjectionsOptions): DynamicModule {
    const runner = { provide: ProjectionsRunner, useFactory: () => new ProjectionsRunner(options) };
    return { module: ProjectionsModule, providers: [runner], exports: [ProjectionsRunner] };
  }
}
