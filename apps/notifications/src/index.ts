// What the embedded program composes of the notifications, and their parts for simulations.

export { NotificationsModule } from './notifications.module.js';
export { NOTICES_CHECK, NotificationsRunner, type NotificationsOptions } from './notifications-runner.js';
export { notificationsWatch, type NotificationsWatch } from './metrics.js';
export { noticeOptions, type NoticeOptions } from './notice-options.js';
export { noticeFaults, NoticeSettings } from './settings.js';
export { MIGRATIONS as NOTICE_MIGRATIONS, type Tables as NoticeTables } from './tables.js';
