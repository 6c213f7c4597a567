// Payment step's view of a failed connection: an error of fetch comes in; whether money may have been taken goes out.

import { GatewayError } from './gateway.js';

/** The connection could not be made, so nothing can have been taken. */
const NEVER_SENT: ReadonlySet<string> = new Set(['ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH', 'ENOTFOUND']);

/** `setting` names the environment variable that holds the gateway's address. */
export function unanswered(what: string, error: unknown, setting: string): GatewayError {
  const { code, message } = rootOf(error);
  if (code !== undefined && NEVER_SENT.has(code)) {
    const advice = `Check ${setting} and whether the gateway runs.`;
    return new GatewayError('unavailable', `${what}: the gateway cannot be reached (${message}). ${advice}`, { cause: error });
  }
  const text = `${what}: no answer from the gateway (${message}); it is asked again under the same key.`;
  return new GatewayError('no-answer', text, { cause: error });
}

/** fetch says only "fetch failed"; what failed stands in its cause. */
function rootOf(error: unknown): { readonly code?: string; readonly message: string } {
  const { cause, code, message } = Object(error) as { cause?: unknown; code?: unknown; message?: unknown };
  if (typeof cause === 'object' && cause !== null) return rootOf(cause);
  const text = typeof message === 'string' && message !== '' ? message : String(code ?? error);
  return typeof code === 'string' ? { code, message: text } : { message: text };
}
