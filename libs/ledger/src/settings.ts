// Debit step for what a person sets: how the account is opened, its terms, plan, people, policies and alerts → one event that holds the
// setting whole, nothing when it is so already, or a refusal.

import { decimalOf } from '@tollkeeper/money';
import { MS_PER_DAY, planAt, type Account } from './account.js';
import type {
  AssignLicences,
  AutoRecharge,
  ChangePlan,
  OpenAccount,
  ResumeAutoRecharge,
  SetAlertThreshold,
  SetAutoRecharge,
  SetDialOutPolicy,
  SetRecipients,
  SetTerms,
} from './commands.js';
import { assignmentAt, TENANT_POLICY } from './entitlements.js';
import { common } from './event-parts.js';
import type { LedgerEvent } from './events.js';
import type { RechargePolicy } from './money-facts.js';
import { payable, sellable } from './funding.js';
import { refused, type LedgerRejection } from './rejections.js';
import { faultOfTerms } from './terms.js';

export function decideOpen(command: OpenAccount, account: Account, nowMs: number): readonly LedgerEvent[] | LedgerRejection {
  const { currency, plan, intakeWindowDays } = command;
  if (account.open) {
    const same =
      account.currency === currency &&
      account.plans[0]?.plan === plan &&
      account.intakeWindowMs === intakeWindowDays * MS_PER_DAY;
    if (same) return [];
    const reason = `tenant ${account.tenant} is open in ${account.currency} on plan ${account.plans[0]?.plan}; that cannot be changed by opening it again`;
    return refused('account-exists-with-different-content', reason);
  }
  const { available, balance, effectiveAt, recordedAt, tenant } = common(account, nowMs, nowMs);
  return [
    { type: 'AccountOpened.v1', data: { available, balance, currency, effectiveAt, intakeWindowDays, plan, recordedAt, tenant } },
  ];
}

export function decidePlan({ plan, fromMs }: ChangePlan, account: Account, nowMs: number): readonly LedgerEvent[] {
  const known = account.plans.find((other) => other.fromMs === fromMs);
  if (known?.plan === plan || (known === undefined && planAt(account, fromMs) === plan)) return [];
  const { available, balance, effectiveAt, recordedAt, tenant } = common(account, nowMs, nowMs);
  const from = new Date(fromMs).toISOString();
  return [{ type: 'PlanChanged.v1', data: { available, balance, effectiveAt, from, plan, recordedAt, tenant } }];
}

export function decideTerms(command: SetTerms, account: Account, nowMs: number): readonly LedgerEvent[] | LedgerRejection {
  // The account's terms have their keys in canonical order, and keep them.
  const terms = { ...account.terms, ...command.terms };
  const fault = faultOfTerms(terms);
  if (fault !== undefined) return refused('terms-invalid', fault);
  if (JSON.stringify(terms) === JSON.stringify(account.terms)) return [];
  const { available, balance, effectiveAt, recordedAt, tenant } = common(account, nowMs, nowMs);
  return [{ type: 'TermsSet.v1', data: { available, balance, effectiveAt, recordedAt, tenant, terms } }];
}

export function decideLicences(command: AssignLicences, account: Account, nowMs: number): readonly LedgerEvent[] {
  const { user, sealedUser, country, fromMs } = command;
  const licences = [...new Set(command.licences)].toSorted();
  const current = assignmentAt(account.entitlements, user, fromMs);
  if (current?.country === country && current.licences.join() === licences.join()) return [];
  const { available, balance, effectiveAt, recordedAt, tenant } = common(account, nowMs, nowMs);
  const from = new Date(fromMs).toISOString();
  return [
    {
      type: 'LicencesAssigned.v1',
      data: { available, balance, country, effectiveAt, from, licences, recordedAt, sealedUser, tenant, user },
    },
  ];
}

export function decidePolicy(command: SetDialOutPolicy, account: Account, nowMs: number): readonly LedgerEvent[] {
  const { user, policy, fromMs } = command;
  const known = account.entitlements.policies.get(user ?? TENANT_POLICY)?.findLast((other) => other.fromMs <= fromMs);
  if (known?.policy === policy) return [];
  const { available, balance, effectiveAt, recordedAt, tenant } = common(account, nowMs, nowMs);
  const from = new Date(fromMs).toISOString();
  return [{ type: 'DialOutPolicySet.v1', data: { available, balance, effectiveAt, from, policy, recordedAt, tenant, user } }];
}

export function decideRecipients({ sealedRecipients }: SetRecipients, account: Account, nowMs: number): readonly LedgerEvent[] {
  if (sealedRecipients === account.sealedRecipients) return [];
  const { available, balance, effectiveAt, recordedAt, tenant } = common(account, nowMs, nowMs);
  return [{ type: 'RecipientsSet.v1', data: { available, balance, effectiveAt, recordedAt, sealedRecipients, tenant } }];
}

/** Nothing to do unless failures have suspended it, or a back-off still holds it. */
export function decideResume({ author }: ResumeAutoRecharge, account: Account, nowMs: number): readonly LedgerEvent[] {
  if (!account.autoRechargeSuspended && account.rechargeFromMs <= nowMs) return [];
  const { available, balance, effectiveAt, recordedAt, tenant } = common(account, nowMs, nowMs);
  return [{ type: 'AutoRechargeResumed.v1', data: { author, available, balance, effectiveAt, recordedAt, tenant } }];
}

export function decideThreshold(
  command: SetAlertThreshold,
  account: Account,
  nowMs: number,
): readonly LedgerEvent[] | LedgerRejection {
  const { thresholdMicros } = command;
  if (thresholdMicros !== null && thresholdMicros < 0n) return refused('amount-invalid', 'an alert threshold is 0 or more');
  if (thresholdMicros === account.alertThresholdMicros) return [];
  const { available, balance, effectiveAt, recordedAt, tenant } = common(account, nowMs, nowMs);
  const threshold = thresholdMicros === null ? null : decimalOf(thresholdMicros);
  return [{ type: 'AlertThresholdSet.v1', data: { available, balance, effectiveAt, recordedAt, tenant, threshold } }];
}

export function decideAutoRecharge(
  { policy, minimumMicros }: SetAutoRecharge,
  account: Account,
  nowMs: number,
): readonly LedgerEvent[] | LedgerRejection {
  const wanted = policy && { targetMicros: null, maxPerHourMicros: null, maxPerMonthMicros: null, ...policy };
  if (wanted !== null) {
    const fault = faultOfPolicy(wanted);
    if (fault !== undefined) return refused('amount-invalid', fault);
    const unpayable = payable(wanted.amountMicros, account);
    if (unpayable !== undefined) return unpayable;
    const unsellable = sellable(
      { amountMicros: wanted.amountMicros, ...(minimumMicros === undefined ? {} : { minimumMicros }) },
      account,
    );
    if (unsellable !== undefined) return unsellable;
  }
  const set = wanted && policyRecord(wanted);
  const current = account.autoRecharge && policyRecord(account.autoRecharge);
  if (JSON.stringify(set) === JSON.stringify(current) && !account.autoRechargeSuspended) return [];
  const { available, balance, effectiveAt, recordedAt, tenant } = common(account, nowMs, nowMs);
  return [{ type: 'AutoRechargeSet.v1', data: { available, balance, effectiveAt, policy: set, recordedAt, tenant } }];
}

function faultOfPolicy({ triggerMicros, amountMicros, targetMicros, ...caps }: AutoRecharge): string | undefined {
  if (triggerMicros < 0n || amountMicros <= 0n) return 'auto-recharge needs a trigger of 0 or more and an amount above 0';
  if (targetMicros !== null && targetMicros < triggerMicros) return 'the target of auto-recharge is not below its trigger';
  for (const cap of [caps.maxPerHourMicros, caps.maxPerMonthMicros]) {
    if (cap !== null && cap < amountMicros) return 'a cap of auto-recharge is not below the amount of one recharge';
  }
  return undefined;
}

/** Keys in canonical order. */
function policyRecord({ amountMicros, triggerMicros, targetMicros, ...caps }: AutoRecharge): RechargePolicy {
  const text = (micros: bigint | null) => (micros === null ? null : decimalOf(micros));
  return {
    amount: decimalOf(amountMicros),
    maxPerHour: text(caps.maxPerHourMicros),
    maxPerMonth: text(caps.maxPerMonthMicros),
    target: text(targetMicros),
    trigger: decimalOf(triggerMicros),
  };
}
