// Program start: settings read from an environment, and every fault of it at once.
import { describe, expect, test } from '@jest/globals';
import { IsBoolean, IsIn, IsInt, IsOptional, IsString, Max, Min, MinLength } from 'class-validator';
import { Setting } from './setting.js';
import { describeSettings, readSettings, settingsHelp } from './settings.js';

class Settings {
  @Setting({ env: 'KAFKA_BROKERS', description: 'brokers to begin with', example: 'kafka:9092,kafka-2:9092' })
  @IsString({ each: true })
  readonly brokers!: string[];

  @Setting({ env: 'HTTP_PORT', description: 'port of the API', default: '3000' })
  @IsInt()
  @Min(0)
  @Max(65_535)
  readonly port!: number;

  @Setting({ env: 'LICENSING', description: 'whether a licence is needed', default: 'false' })
  @IsBoolean()
  readonly licensing!: boolean;

  @Setting({ env: 'ENGINE', description: 'engine of the event store', default: 'sqlite' })
  @IsIn(['sqlite', 'kurrentdb'])
  readonly engine!: string;

  @Setting({ env: 'MASTER_KEY', description: 'wraps the keys', secret: true })
  @IsOptional()
  @MinLength(8)
  readonly masterKey?: string;
}

describe('settings', () => {
  test('are typed by the fields they are read into; what is not set or empty takes its default', () => {
    const { settings } = readSettings(Settings, { KAFKA_BROKERS: ' a:1, b:2 ', HTTP_PORT: '', LICENSING: 'yes', OTHER: 'x' });
    expect(settings).toBeInstanceOf(Settings);
    expect({ ...settings }).toEqual({
      brokers: ['a:1', 'b:2'],
      port: 3000,
      licensing: true,
      engine: 'sqlite',
      masterKey: undefined,
    });
  });

  test('are refused with all faults at once: the variable, what it holds, what is expected', () => {
    const { faults } = readSettings(Settings, { HTTP_PORT: '3000x', LICENSING: 'maybe', ENGINE: 'redis', MASTER_KEY: 'secret' });
    expect(faults).toEqual([
      expect.stringMatching(/^KAFKA_BROKERS is not set; it .*must be a string, for example kafka:9092,kafka-2:9092 \(brokers/),
      expect.stringMatching(/^HTTP_PORT holds 3000x; it .*must be an integer number/),
      expect.stringMatching(/^LICENSING holds maybe; it must be a boolean value/),
      expect.stringMatching(/^ENGINE holds redis; it must be one of the following values: sqlite, kurrentdb/),
      expect.stringMatching(/^MASTER_KEY holds \*{6}; it must be longer than or equal to 8 characters/),
    ]);
  });

  test.each(['1e3', '0x10', 'NaN', 'Infinity', '1.5', '-1', '65536'])('%s is no port', (port) => {
    expect(readSettings(Settings, { KAFKA_BROKERS: 'a:1', HTTP_PORT: port }).faults).toHaveLength(1);
  });

  test('are described with secrets and passwords masked', () => {
    const env = { KAFKA_BROKERS: 'sasl://user:pass@a:1', MASTER_KEY: 'very secret' };
    expect(describeSettings(Settings, env)).toEqual([
      'KAFKA_BROKERS=sasl://user:******@a:1',
      'HTTP_PORT=3000 (default)',
      'LICENSING=false (default)',
      'ENGINE=sqlite (default)',
      'MASTER_KEY=******',
    ]);
    expect(describeSettings(Settings, {})).toContain('MASTER_KEY is not set');
  });

  test('are explained with description, default and example', () => {
    expect(settingsHelp(Settings).slice(0, 4)).toEqual([
      '  KAFKA_BROKERS',
      '      brokers to begin with (example kafka:9092,kafka-2:9092)',
      '  HTTP_PORT',
      '      port of the API (default 3000)',
    ]);
  });

  test('of a base class come first and do not gain those of its subclasses', () => {
    class Sub extends Settings {
      @Setting({ env: 'EXTRA', description: 'extra', default: 'e' })
      @IsString()
      readonly extra!: string;
    }
    expect(settingsHelp(Sub)).toHaveLength(12);
    expect(settingsHelp(Settings)).toHaveLength(10);
    expect(readSettings(Sub, { KAFKA_BROKERS: 'a:1' }).settings).toMatchObject({ port: 3000, extra: 'e' });
  });
});
