// Tests across processes: what a call was comes in; its CDR in the canonical format goes out, ready to publish.

import type { MessageToPublish } from '@tollkeeper/message-bus';

/** A call as the test knows it; the oracle prices it from here. */
export type Call = {
  readonly id: string;
  readonly tenant: string;
  /** E.164 with a plus. */
  readonly called: string;
  readonly usageMs: number;
  readonly answerMs: number;
  /** That of the authorisation, when there was one. */
  readonly sessionId?: string;
};

export const MINUTE_MS = 60_000;

/** A call of one minute that was answered half an hour ago, unless said otherwise. */
export function aCall(call: Partial<Call> & Pick<Call, 'id' | 'tenant'>): Call {
  return { called: '+4930123456', usageMs: MINUTE_MS, answerMs: Date.now() - 30 * MINUTE_MS, ...call };
}

export function canonicalCdr({
  id,
  tenant,
  called,
  usageMs,
  answerMs,
  sessionId,
}: Call): Readonly<Record<string, string | number>> {
  return {
    id,
    tenant,
    calledNumber: called,
    callingNumber: '+33144556677',
    answerTime: new Date(answerMs).toISOString(),
    endTime: new Date(answerMs + usageMs).toISOString(),
    usageMs,
    ...(sessionId === undefined ? {} : { sessionId }),
  };
}

/** Keyed by the tenant, as the intake topic is. */
export function cdrMessage(call: Call): MessageToPublish {
  return { key: call.tenant, value: JSON.stringify(canonicalCdr(call)) };
}
