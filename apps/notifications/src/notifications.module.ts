// The notifications program as a Nest module: its runner starts with the application and stops with it.

import { Module, type DynamicModule } from '@nestjs/common';
import { NotificationsRunner, type NotificationsOptions } from './notifications-runner.js';

@Module({})
export class NotificationsModule {
  static register(options: NotificationsOptions): DynamicModule {
    const runner = { provide: NotificationsRunner, useFactory: () => new NotificationsRunner(options) };
    return { module: NotificationsModule, providers: [runner], exports: [NotificationsRunner] };
  }
}
