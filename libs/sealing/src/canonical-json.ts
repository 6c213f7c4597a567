// Sealing, first step: an object comes in; JSON that does not depend on the order in which its fields were set goes out.

/** Sorts keys by UTF-16 code units, as RFC 8785 does, and leaves out undefined fields. */
export function canonicalJson(value: object): string {
  return JSON.stringify(sorted(value));
}

function sorted(value: object): object {
  if (Array.isArray(value)) return value.map((item: unknown) => (isObject(item) ? sorted(item) : item));
  // Without a prototype, a field named __proto__ is a field like any other.
  const result = Object.create(null) as Record<string, unknown>;
  for (const key of Object.keys(value).toSorted()) {
    const field = (value as Record<string, unknown>)[key];
    result[key] = isObject(field) ? sorted(field) : field;
  }
  return result;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
