// Webhooks, where they may go: a URL that a tenant typed → accepted or not, and host names → the addresses that may be called.
//
// A subscriber chooses where this program sends requests. Without a wall it could have it call what only this machine's network
// reaches: a cloud's metadata, a database. So private addresses are refused when the URL is typed, and again when its name is
// resolved for each connection, because a name can be pointed elsewhere at any time.

import { lookup as lookUpName, type LookupAddress } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import { rejected, type WebhookRejection } from './rejection.js';

const MAX_URL_LENGTH = 2_048;

/** What is not on the public internet: https://www.iana.org/assignments/iana-ipv4-special-registry and its IPv6 sibling. */
const PRIVATE_V4: readonly (readonly [network: string, prefix: number])[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
];
/** Only 2000::/3 is handed out; these parts of it lead back to IPv4 or nowhere. */
const PRIVATE_V6: readonly (readonly [network: string, prefix: number])[] = [
  ['::', 3],
  ['4000::', 2],
  ['8000::', 1],
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
];

/** A list for each family: in one list every IPv4 address would be found in `::/3`, by its IPv6 form `::ffff:…`. */
const privateV4 = new BlockList();
const privateV6 = new BlockList();
for (const [network, prefix] of PRIVATE_V4) privateV4.addSubnet(network, prefix, 'ipv4');
for (const [network, prefix] of PRIVATE_V6) privateV6.addSubnet(network, prefix, 'ipv6');

export function isPrivateAddress(address: string): boolean {
  return isIP(address) === 6 ? privateV6.check(address, 'ipv6') : privateV4.check(address, 'ipv4');
}

/** The URL as it will be called, or why it will not be. Names are judged when they are resolved. */
export function judgeUrl(unchecked: string, allowPrivate: boolean): URL | WebhookRejection {
  const url = unchecked.length <= MAX_URL_LENGTH ? URL.parse(unchecked) : null;
  if (url === null || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '' || url.hash !== '') {
    const reason = `a webhook's URL is absolute, begins with https://, has no user, password or fragment and at most ${MAX_URL_LENGTH} characters`;
    return rejected('webhook-url-invalid', reason);
  }
  if (allowPrivate) return url;
  if (url.protocol !== 'https:') return rejected('webhook-url-not-https', "a webhook's URL begins with https://");
  if (isLocalName(url.hostname) || isPrivateHost(url.hostname)) {
    return rejected('webhook-url-private', `${url.hostname} is not on the public internet`);
  }
  return url;
}

function isLocalName(hostname: string): boolean {
  return !hostname.startsWith('[') && (!hostname.includes('.') || /(^|\.)(localhost|local|internal)\.?$/.test(hostname));
}

/** True for an address written as such: the socket does not look it up, so `publicLookup` never sees it. */
export function isPrivateHost(hostname: string): boolean {
  const address = hostname.replace(/^\[(.*)\]$/, '$1');
  return isIP(address) !== 0 && isPrivateAddress(address);
}

/** For a socket: like the system's own lookup, but private addresses do not exist. */
export const publicLookup: LookupFunction = (hostname, options, callback) => {
  lookUpName(hostname, { ...options, all: true }, (error, addresses) => {
    const found = error === null ? addresses.filter(({ address }) => !isPrivateAddress(address)) : [];
    const [first] = found;
    if (first === undefined) return callback(error ?? noPublicAddress(hostname), options.all ? [] : '', 0);
    if (options.all) return callback(null, found as LookupAddress[]);
    return callback(null, first.address, first.family);
  });
};

function noPublicAddress(hostname: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${hostname} has no address on the public internet`), { code: 'EPRIVATE' });
}
