// Program, process tests: a small program that does what its first argument says, so that its end can be watched.
import { setTimeout as delay } from 'node:timers/promises';
import { IsInt } from 'class-validator';
import { Setting, createLogger, failpoint, runUntilSignal, settingsOrExit } from './index.js';

class Settings {
  @Setting({ env: 'SIZE', description: 'a size', default: '1' })
  @IsInt()
  readonly size!: number;
}

const behaviours: Readonly<Record<string, () => unknown>> = {
  settings: () => {
    const checkConfig = ({ size }: Settings) => (size > 9 ? ['SIZE is more than fits'] : []);
    const { size } = settingsOrExit(Settings, { program: 'fixture', args: process.argv.slice(3), checkConfig });
    console.log(`size ${size}`);
  },
  failpoint: () => {
    for (let pass = 1; pass <= 3; pass += 1) {
      failpoint('other');
      failpoint('here');
      console.log(`passed ${pass}`);
    }
  },
  run: () => runUntilSignal(async () => ready(() => delay(20)), createLogger('fixture')),
  hang: () => runUntilSignal(async () => ready(() => new Promise(() => {})), createLogger('fixture')),
  'fail-to-stop': () =>
    runUntilSignal(async () => ready(() => Promise.reject(new Error('cannot stop'))), createLogger('fixture')),
  'fail-to-start': () => runUntilSignal(() => Promise.reject(new Error('cannot start')), createLogger('fixture')),
  'start-slowly': () =>
    runUntilSignal(async (signal) => {
      console.log('ready');
      for (;;) {
        signal.throwIfAborted();
        await delay(5);
      }
    }, createLogger('fixture')),
  finish: () =>
    runUntilSignal(async () => ({ ...ready(async () => {}), finished: delay(5).then(() => undefined) }), createLogger('fixture')),
  throw: () =>
    runUntilSignal(async () => {
      setTimeout(() => {
        throw new Error('wrong');
      }, 5);
      return ready(async () => {});
    }, createLogger('fixture')),
  reject: () =>
    runUntilSignal(async () => {
      setTimeout(() => void Promise.reject(new Error('wrong')), 5);
      return ready(async () => {});
    }, createLogger('fixture')),
};

function ready(stop: () => Promise<unknown>): { stop(): Promise<void> } {
  // A handle that nobody closes must not keep a stopped program alive.
  setInterval(() => {}, 1_000);
  console.log('ready');
  return {
    stop: async () => {
      await stop();
      console.log('stopped');
    },
  };
}

behaviours[process.argv[2] ?? '']?.();
