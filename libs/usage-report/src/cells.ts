// Usage report, one row: a call of the read model and its persons in, its 20 cells out. What the switch told of a column stands there;
// for the others the call itself says it, in Microsoft's words.
//
// - Start and end are those of the answered time, as their difference is the duration; a begun second counts, as it does in a price.
// - Charge is what the credit was debited with, and Connection Charge the part of it that is the connect fee.
// - User Location is the organisation's country where the record names none, else that of the user's own number; Domestic/International is
//   judged by it and the outside number's country.

import type { ReportInputs } from '@tollkeeper/rating';
import { destinationCountry } from '@tollkeeper/rating';
import type { CallRow } from '@tollkeeper/projections';
import type { Cells } from './columns.js';
import type { Parties } from './parties.js';
import { maskedNumber, shownNumbers } from './shown-numbers.js';
import { usageIdOf } from './usage-id.js';

export type ShownNumbers = { readonly calling: string | null; readonly called: string | null };

/** The last three stand in clear for the day on which the persons are erased; calls of before they did so have none. */
type Told = Partial<ReportInputs> & {
  readonly direction?: 'inbound' | 'outbound' | null;
  readonly callingCountry?: string | null;
  readonly destinationCountry?: string | null;
  readonly namesUser?: boolean;
};

const CONFERENCE_CATEGORIES: readonly string[] = ['conference-dial-out', 'call-me'];
const TOLL_FREE = 'toll-free-inbound';
/** Microsoft's names of the licences that pay, where what paid says which. */
const COMMUNICATIONS_CREDITS = 'MCOPSTNPP';
const AUDIO_CONFERENCING = 'MCOMEETADD';
const E164 = /^\+[1-9]\d{6,14}$/;

export function cellsOf(row: CallRow, parties: Parties, tenantCountry: string | null): Cells {
  const told = JSON.parse(row.report) as Told;
  const isInbound = isInboundCall(row, told);
  const namesUser = told.namesUser ?? (parties.userId !== null || parties.userPrincipalName !== null);
  const callType = told.callType ?? callTypeOf(row, namesUser, isInbound);
  const { calling, called } = { calling: parties.calling ?? '', called: parties.called ?? '' };
  const shown = shownNumbers({ calling, called }, { isInbound, callType }, tenantCountry);
  const [from, to] = [told.callingCountry ?? countryOf(calling), told.destinationCountry ?? countryOf(called)];
  const [outside, own] = isInbound ? [from, to] : [to, from];
  const home = told.userLocation ?? tenantCountry ?? own;
  return [
    usageIdOf(row),
    row.call_id ?? '',
    row.conference_id ?? '',
    home ?? '',
    parties.userId ?? '',
    parties.userPrincipalName ?? '',
    parties.userDisplayName ?? '',
    shown.calling,
    callType,
    told.numberType ?? numberTypeOf(row, callType),
    told.domesticOrInternational ?? reachOf(row, outside, home),
    told.destinationName ?? countryName(to) ?? row.destination,
    shown.called,
    row.answered_at,
    row.end_at ?? '',
    String(Math.ceil(row.usage_ms / 1000)),
    row.connect_charge,
    row.amount,
    row.currency,
    told.capability ?? capabilityOf(row),
  ].map(cellText);
}

/** As the report shows them. Of a call that does not bill nothing tells the direction: either may be the outside number. */
export function numbersOf(row: CallRow, { calling, called }: Parties, tenantCountry: string | null): ShownNumbers {
  const of = { calling: calling ?? '', called: called ?? '' };
  const told = JSON.parse(row.report) as Told;
  const shown =
    row.billable === 1
      ? shownNumbers(of, { isInbound: isInboundCall(row, told), callType: told.callType ?? '' }, tenantCountry)
      : { calling: maskedNumber(of.calling, tenantCountry), called: maskedNumber(of.called, tenantCountry) };
  return { calling: calling === null ? null : shown.calling, called: called === null ? null : shown.called };
}

function isInboundCall({ category }: CallRow, { direction, callType }: Told): boolean {
  if (direction === 'inbound' || direction === 'outbound') return direction === 'inbound';
  return category.includes('inbound') || /_in\b/.test(callType ?? '');
}

/** A conference bridge and a bot have numbers of their own; a call to a toll-free number that no user answered reached a bot. */
function callTypeOf({ category, conference_id }: CallRow, namesUser: boolean, isInbound: boolean): string {
  if (CONFERENCE_CATEGORIES.includes(category)) return 'conf_out';
  if (conference_id !== null) return isInbound ? 'conf_in' : 'conf_out';
  if (!isInbound) return 'user_out';
  return category === TOLL_FREE && !namesUser ? 'ucap_in' : 'user_in';
}

function numberTypeOf({ category }: CallRow, callType: string): string {
  if (category === TOLL_FREE) return 'TollFree';
  return /^(conf|ucap)_/.test(callType) ? 'Service' : 'Subscriber';
}

function reachOf({ category }: CallRow, country: string | null, home: string | null): string {
  if (country !== null && home !== null) return country === home ? 'Domestic' : 'International';
  if (category === 'international') return 'International';
  return category === 'emergency' ? 'Domestic' : '';
}

function capabilityOf({ coverage, category }: CallRow): string {
  if (coverage === 'credit') return COMMUNICATIONS_CREDITS;
  return (coverage === 'pool' || coverage === 'unlimited') && CONFERENCE_CATEGORIES.includes(category) ? AUDIO_CONFERENCING : '';
}

function countryOf(number: string): string | null {
  return E164.test(number) ? destinationCountry(number) : null;
}

const inEnglish = new Intl.DisplayNames(['en'], { type: 'region' });
const countryNames = new Map<string, string | undefined>();

function countryName(country: string | null): string | undefined {
  if (country === null) return undefined;
  if (!countryNames.has(country)) countryNames.set(country, inEnglish.of(country));
  return countryNames.get(country);
}

const UNSHOWN = /(?![\t\n])\p{Cc}|[\ufffe\uffff]/gu;

/** Control characters are no text of a spreadsheet's, and lines end in one way, so that both files hold the same cells. */
function cellText(text: string): string {
  const lines = text.includes('\r') ? text.replaceAll(/\r\n?/g, '\n') : text;
  return lines.replaceAll(UNSHOWN, '\ufffd').toWellFormed();
}
