// `tollkeeper policy|terms|recipients|auto-recharge …`: an account's conditions, set as over HTTP.

import type { AccountTerms, DialOutPolicy } from '@tollkeeper/ledger';
import { decimalOf } from '@tollkeeper/money';
import { prepareNames, pseudonymOf, sealRecipients, type Recipients } from '@tollkeeper/people';
import { NONE } from './arguments.js';
import type { Target } from './command-parts.js';
import type { Engines } from './engines.js';
import { LedgerAccount, personsErased } from './ledger-account.js';
import { CommandError } from './exit.js';
import { printJson, tableOf } from './output.js';
import { ofTenant } from './remote.js';

type Of = { readonly tenant: string; readonly json?: boolean };

export type PolicyOptions = Of & { readonly user?: string; readonly from?: number };

export async function setPolicy(policy: DialOutPolicy, options: PolicyOptions, target: Target): Promise<void> {
  const { tenant, user, from: fromMs = Date.now(), json } = options;
  const from = new Date(fromMs).toISOString();
  const { changed } = await target.run<Changed>({
    async local(engines) {
      const account = await LedgerAccount.open(tenant, engines);
      const pseudonym = user === undefined ? null : await pseudonymIn(tenant, user, engines);
      return { changed: await account.execute({ kind: 'set-dial-out-policy', user: pseudonym, policy, fromMs }) };
    },
    remote(server) {
      const whose = user === undefined ? [] : ['users', user];
      return server.ask('PUT', ofTenant(tenant, ...whose, 'policy'), { body: { from, policy } });
    },
  });
  told({ tenant, user: user ?? null, policy, from, changed }, json);
}

async function pseudonymIn(tenant: string, user: string, engines: Engines): Promise<string> {
  const ring = await engines.keyRing();
  await prepareNames(ring, tenant);
  const pseudonym = pseudonymOf(ring, tenant, user);
  if (pseudonym === undefined) throw personsErased(tenant);
  return pseudonym;
}

export async function showTerms({ tenant, json }: Of, engines: Engines): Promise<void> {
  const account = await LedgerAccount.open(tenant, engines);
  const terms = await account.query((current) => current.terms);
  if (json) printJson(terms);
  else
    console.log(
      tableOf(
        ['term', 'is'],
        Object.entries(terms).map(([term, value]) => [term, String(value ?? 'none')]),
      ),
    );
}

/** Parsed, except that `none` stands for what is to be forgotten. */
export type TermsOptions = Of & { readonly [Term in keyof AccountTerms]?: string | number | bigint };

export async function setTerms(options: TermsOptions, target: Target): Promise<void> {
  const { tenant, json } = options;
  const named = TERMS.filter((term) => options[term] !== undefined);
  if (named.length === 0) throw new CommandError('name a term to set; --help lists them');
  const terms: Partial<AccountTerms> = Object.fromEntries(named.map((term) => [term, termOf(options[term])]));
  const { changed } = await target.run<Changed>({
    local: async (engines) => ({
      changed: await (await LedgerAccount.open(tenant, engines)).execute({ kind: 'set-terms', terms }),
    }),
    remote: (server) => server.ask('PUT', ofTenant(tenant, 'terms'), { body: terms }),
  });
  told({ tenant, ...terms, changed }, json);
}

function termOf(value: string | number | bigint | undefined): string | number | null | undefined {
  if (value === NONE) return null;
  return typeof value === 'bigint' ? decimalOf(value) : value;
}

const TERMS = [
  'billingCountry',
  'burstLimit',
  'country',
  'enterpriseAgreement',
  'licensing',
  'lotTermMonths',
  'lotWarningDays',
  'quotaSeconds',
  'settleTimeoutSeconds',
] as const satisfies readonly (keyof AccountTerms)[];

export type RecipientsOptions = Of & Pick<Recipients, 'language'>;

/** In place of those before; none is no mails. */
export async function setRecipients(addresses: readonly string[], options: RecipientsOptions, target: Target): Promise<void> {
  const { tenant, language, json } = options;
  const { changed } = await target.run<Changed>({
    async local(engines) {
      const account = await LedgerAccount.open(tenant, engines);
      const ring = await engines.keyRing();
      await prepareNames(ring, tenant);
      const sealedRecipients = sealRecipients(ring, tenant, { addresses, language });
      if (sealedRecipients === undefined) throw personsErased(tenant);
      return { changed: await account.execute({ kind: 'set-recipients', sealedRecipients }) };
    },
    remote: (server) => server.ask('PUT', ofTenant(tenant, 'recipients'), { body: { addresses, language } }),
  });
  told({ tenant, addresses, language, changed }, json);
}

export async function resume({ tenant, by: author, json }: Of & { readonly by: string }, target: Target): Promise<void> {
  const { changed } = await target.run<Changed>({
    local: async (engines) => ({
      changed: await (await LedgerAccount.open(tenant, engines)).execute({ kind: 'resume-auto-recharge', author }),
    }),
    remote: (server) => server.ask('POST', ofTenant(tenant, 'auto-recharge', 'resume'), { body: { author } }),
  });
  told({ tenant, changed }, json);
}

type Changed = { readonly changed: boolean };

function told(outcome: Readonly<Record<string, unknown>> & { readonly changed: boolean }, json: boolean | undefined): void {
  if (json) printJson(outcome);
  else console.log(outcome.changed ? 'done' : 'it was so already');
}
