// Program start: environment variables come in; checked settings go out, or all faults at once.
import { plainToInstance } from 'class-transformer';
import { validateSync } from 'class-validator';
import type { ValidationError } from 'class-validator';
import { settingsOf } from './setting.js';
import type { Setting, SettingsClass } from './setting.js';

export type SettingsOutcome<T> =
  | { readonly settings: T; readonly faults?: undefined }
  | { readonly settings?: undefined; readonly faults: readonly string[] };

export type Environment = Readonly<Record<string, string | undefined>>;

/** An empty variable counts as not set: that is what compose files make of a missing one. */
export function readSettings<T extends object>(Class: SettingsClass<T>, env: Environment): SettingsOutcome<T> {
  const declared = settingsOf(Class.prototype as object);
  const values = declared.flatMap((setting): [string, unknown][] => {
    const text = env[setting.env]?.trim() || setting.default;
    return text === undefined ? [] : [[setting.property, parse(text, setting.type)]];
  });
  const settings = plainToInstance(Class, Object.fromEntries(values));
  const errors = validateSync(settings, { forbidUnknownValues: false });
  if (errors.length === 0) return { settings };
  return { faults: declared.flatMap((setting) => faultsOf(setting, errors, env)) };
}

/** What cannot be read as the declared type stays text, so that the validator says what it expects instead. */
function parse(text: string, type: unknown): unknown {
  if (type === Number) return /^[+-]?\d+(\.\d+)?$/.test(text) ? Number(text) : text;
  if (type === Boolean) return BOOLEANS.get(text.toLowerCase()) ?? text;
  if (type === Array)
    return text
      .split(',')
      .map((item) => item.trim())
      .filter((item) => item !== '');
  return text;
}

const BOOLEANS: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['1', true],
  ['yes', true],
  ['on', true],
  ['false', false],
  ['0', false],
  ['no', false],
  ['off', false],
]);

function faultsOf(setting: Setting, errors: readonly ValidationError[], env: Environment): string[] {
  const error = errors.find(({ property }) => property === setting.property);
  if (!error) return [];
  const expected = Object.values(error.constraints ?? {}).map((message) => message.replace(`${setting.property} `, ''));
  const held = env[setting.env]?.trim() ? `holds ${shownText(setting, env[setting.env]!.trim())}` : 'is not set';
  const example = setting.example === undefined ? '' : `, for example ${setting.example}`;
  return [`${setting.env} ${held}; it ${expected.join(', ')}${example} (${setting.description})`];
}

/** `NAME=value` for each setting in force; secrets and the passwords in URLs are masked. */
export function describeSettings<T extends object>(Class: SettingsClass<T>, env: Environment): readonly string[] {
  return settingsOf(Class.prototype as object).map((setting) => {
    const given = env[setting.env]?.trim();
    const text = given || setting.default;
    if (text === undefined) return `${setting.env} is not set`;
    return `${setting.env}=${shownText(setting, text)}${given ? '' : ' (default)'}`;
  });
}

/** The lines of `--help`: every variable with its description, default and example. */
export function settingsHelp<T extends object>(Class: SettingsClass<T>): readonly string[] {
  return settingsOf(Class.prototype as object).flatMap((setting) => {
    const facts = [
      setting.default === undefined ? undefined : `default ${setting.default}`,
      setting.example === undefined ? undefined : `example ${setting.example}`,
      setting.secret ? 'secret' : undefined,
    ].filter((fact) => fact !== undefined);
    const remark = facts.length === 0 ? '' : ` (${facts.join('; ')})`;
    return [`  ${setting.env}`, `      ${setting.description}${remark}`];
  });
}

function shownText(setting: Setting, text: string): string {
  if (setting.secret) return '******';
  return text.replaceAll(/(:\/\/[^\s/:@]*):[^\s/@]*@/g, '$1:******@');
}
