// Program start: a settings class comes in; for each of its fields the environment variable and its description go out.
import 'reflect-metadata';

export type SettingOptions = {
  /** The environment variable. */
  readonly env: string;
  readonly description: string;
  /** As it would stand in the environment; a setting without it must be set, unless it is `@IsOptional()`. */
  readonly default?: string;
  readonly example?: string;
  /** Never printed, not even in a fault. */
  readonly secret?: boolean;
};

export type Setting = SettingOptions & {
  readonly property: string;
  /** The field's declared type, which says how the text is read. */
  readonly type: unknown;
};

/** A class whose fields carry `@Setting` and class-validator's decorators. */
export type SettingsClass<T extends object> = new () => T;

const SETTINGS = Symbol('settings');

/** `@Setting({ env: 'HTTP_PORT', description: 'port of the API', default: '3000' }) @IsPort() readonly port!: number` */
export function Setting(options: SettingOptions): PropertyDecorator {
  return (target, property) => {
    const type: unknown = Reflect.getMetadata('design:type', target, property);
    const settings = [...settingsOf(target), { ...options, property: String(property), type }];
    Reflect.defineMetadata(SETTINGS, settings, target);
  };
}

/** In the order in which they are declared, those of a base class first. */
export function settingsOf(prototype: object): readonly Setting[] {
  return (Reflect.getMetadata(SETTINGS, prototype) as readonly Setting[] | undefined) ?? [];
}
