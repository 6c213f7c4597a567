// Program: what every program does around its work: settings, log, metrics, health, retries, stopping, crash tests.
export { settingsOrExit } from './command-line.js';
export type { ProgramStart } from './command-line.js';
export { failpoint } from './failpoint.js';
export { serveHealth } from './health-server.js';
export type { HealthServer, HealthServerOptions } from './health-server.js';
export { createLogger } from './logger.js';
export type { Logger, LoggerOptions } from './logger.js';
export { createMetrics } from './metrics.js';
export { Readiness } from './readiness.js';
export type { CheckState, ReadinessSnapshot } from './readiness.js';
export { backoff, retry } from './retry.js';
export type { BackoffOptions, RetryOptions } from './retry.js';
export { STOP_WITHIN_MS, runUntilSignal } from './run-until-signal.js';
export type { Running } from './run-until-signal.js';
export { Setting } from './setting.js';
export type { SettingOptions, SettingsClass } from './setting.js';
export { describeSettings, readSettings, settingsHelp } from './settings.js';
export type { Environment, SettingsOutcome } from './settings.js';
