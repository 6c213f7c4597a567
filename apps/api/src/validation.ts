// HTTP's gate: unchecked bodies, path and query parameters come in; checked DTOs, or one problem with every fault, go out.

import { Injectable, type ArgumentMetadata, type PipeTransform } from '@nestjs/common';
import { isCurrency, parseMicros } from '@tollkeeper/money';
import { plainToInstance, Transform } from 'class-transformer';
import { Matches, validate, ValidateBy, type ValidationError } from 'class-validator';
import { problem, type FieldFault } from './problem.js';

/** Names a stream and keys messages, so it holds nothing that either would have to escape. */
export const TENANT_NAME = /^[a-z0-9][a-z0-9._-]{0,62}$/;

const PLAN_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
const WHOLE_NUMBER = /^\d{1,15}$/;

@Injectable()
export class RequestGate implements PipeTransform {
  async transform(unchecked: unknown, { type, metatype }: ArgumentMetadata): Promise<unknown> {
    if (metatype === undefined || type === 'custom' || BUILT_IN.has(metatype)) return unchecked;
    if (!isObject(unchecked)) throw problem('request-invalid', `The body must be a JSON object, not ${shapeOf(unchecked)}.`);
    const checked: object = plainToInstance(metatype, unchecked);
    const errors = await validate(checked, VALIDATION);
    if (errors.length === 0) return checked;
    const faults = errors.flatMap((error) => faultsOf(error, type === 'body'));
    const detail = faults.map((fault) => fault.detail).join('; ');
    throw problem(type === 'body' ? 'request-invalid' : 'parameter-invalid', `${detail}.`, { errors: faults });
  }
}

const VALIDATION = { whitelist: true, forbidNonWhitelisted: true, stopAtFirstError: true, validationError: { target: false } };
const BUILT_IN: ReadonlySet<unknown> = new Set([String, Number, Boolean, Array, Object]);

function faultsOf(error: ValidationError, isBody: boolean): readonly FieldFault[] {
  const { property, constraints = {} } = error;
  const unknown = 'whitelistValidation' in constraints;
  const details = unknown ? [`${property} is not a field of this request`] : Object.values(constraints);
  const place = isBody ? { pointer: `#/${property.replaceAll('~', '~0').replaceAll('/', '~1')}` } : { parameter: property };
  return details.map((detail) => ({ ...place, detail }));
}

function isObject(unchecked: unknown): unchecked is object {
  return typeof unchecked === 'object' && unchecked !== null && !Array.isArray(unchecked);
}

function shapeOf(unchecked: unknown): string {
  if (unchecked === undefined) return 'empty';
  if (unchecked === null) return 'null';
  return Array.isArray(unchecked) ? 'an array' : `a ${typeof unchecked}`;
}

/** Decimal text with at most 6 decimals; whether it may be negative or finer than a cent is the ledger's business. */
export function IsAmount(): PropertyDecorator {
  return ValidateBy({
    name: 'isAmount',
    validator: {
      validate: (unchecked) => typeof unchecked === 'string' && parseMicros(unchecked) !== undefined,
      defaultMessage: () => '$property must be a decimal string such as "25.00", with at most 12 digits and 6 decimals',
    },
  });
}

export function IsCurrency(): PropertyDecorator {
  return ValidateBy({
    name: 'isCurrency',
    validator: {
      validate: (unchecked) => isCurrency(unchecked),
      defaultMessage: () => '$property must be the upper-case ISO 4217 code of a currency, such as "EUR"',
    },
  });
}

export function IsPlanName(): PropertyDecorator {
  return Matches(PLAN_NAME, { message: 'plan must be 1 to 64 letters, digits, dots, dashes and underscores' });
}

/** A query's digits to a number; anything else stays text, for `@IsInt` to refuse. */
export function WholeNumber(): PropertyDecorator {
  return Transform(({ value }: { value: unknown }) =>
    typeof value === 'string' && WHOLE_NUMBER.test(value) ? Number(value) : value,
  );
}
