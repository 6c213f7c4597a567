// Explanation's fields: what a call's record said, each with its value as people read it. From the bytes where they are kept, else from
// what the ledger took down and the persons that are sealed beside it.

import type { CdrFacts, JsonObject } from '@tollkeeper/ledger';
import type { Cdr } from '@tollkeeper/rating';
import type { Field } from './explanation.js';

type Persons = Readonly<Record<string, unknown>> | 'erased';

const ERASED = 'erased, their key was destroyed';

export function fieldsOf(facts: CdrFacts, cdr: Cdr | undefined, persons: Persons, report: JsonObject): readonly Field[] {
  const fields: [string, unknown][] = [
    ['format', `${facts.format}, parser version ${facts.parserVersion}`],
    ['CDR id', facts.id],
    ['call id', facts.callId],
    ['conference id', facts.conferenceId],
    ['session id', facts.sessionId],
    ['setup', facts.setupTime],
    ['answer', facts.answerTime],
    ['end', facts.endTime],
    ['usage', `${facts.usageMs / 1000} s`],
    ["switch's own figure", facts.switchUsage],
    ...personFields(persons),
    ...(cdr === undefined ? [] : sentFields(cdr)),
    ...Object.entries(report),
    ['fingerprint', facts.fingerprint],
  ];
  return fields.flatMap(([name, value]) =>
    value === null || value === undefined ? [] : [{ name: spaced(name), value: String(value) }],
  );
}

function personFields(persons: Persons): [string, unknown][] {
  if (persons === 'erased') return [['persons', ERASED]];
  const { called, calling, userId, userPrincipalName, userDisplayName } = persons;
  return [
    ['called number', called],
    ['calling number', calling ?? 'withheld'],
    ['user id', userId],
    ['user', userPrincipalName],
    ['user display name', userDisplayName],
  ];
}

/** What only the bytes tell: as it was sent, and what could name the tenant. */
function sentFields({ calledNumber, callingNumber, category, tenantHints, notBillable }: Cdr): [string, unknown][] {
  return [
    ['called number as sent', calledNumber],
    ['calling number as sent', callingNumber],
    ['category as sent', category],
    ['not billable', notBillable],
    ['account code', tenantHints.accountCode],
    ['SIP domain', tenantHints.sipDomain],
    ['trunk', tenantHints.trunk],
    ['tenant as sent', tenantHints.tenant],
  ];
}

/** `callType` → `call type`. */
function spaced(name: string): string {
  return /^[a-z]+([A-Z][a-z]+)+$/.test(name) ? name.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`) : name;
}
