// Between a gateway's bytes over HTTP and what they mean: an answer, whether its status may pass, and its JSON object.

export type Answer = { readonly status: number; readonly text: string };

/** The gateway's own trouble, too many requests, or another request under the same key under way: it may pass. */
export const PASSING_STATUSES: ReadonlySet<number> = new Set([408, 409, 425, 429, 500, 502, 503, 504]);

export function parseObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
