// HTTP's first look at a request: whose page it is of, and by which name we are called; a problem goes out where neither is ours.
//
// A browser sends what any page asks it to, from inside the network that we trust. What a page of another site may do without being asked
// for leave first (a form, a body of text) would be done as the operator where no token is set; so nothing but looking is open to it, and
// what it looks at the browser keeps from it. A name that its owner has turned to our address would make that page one of ours: where we
// listen on this machine alone, only names of this machine are ours. Programs send no word of any page, and notice nothing.

import { isIP, type AddressInfo } from 'node:net';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { sendProblem } from './problem-filter.js';
import { problem, type ProblemError } from './problem.js';

const LOOKING: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);
const OWN_SITE: ReadonlySet<string> = new Set(['same-origin', 'none']);
const LOOPBACK_ADDRESS = /^(127\.|::1$|::ffff:127\.)/;
const LOOPBACK_NAME = /^(.+\.)?localhost\.?$/;

export function guardSite(fastify: FastifyInstance): void {
  fastify.addHook('onRequest', (request, reply, done) => {
    const refused = refusalOf(request, isOnLoopback(fastify.server.address()));
    if (refused === undefined) done();
    else sendProblem(reply, refused);
  });
}

function refusalOf({ method, headers }: FastifyRequest, onLoopback: boolean): ProblemError | undefined {
  const { host } = headers;
  // HTTP/1.0 needs none; every browser sends it.
  if (onLoopback && host !== undefined && !isOfThisMachine(host)) {
    const detail = `This server listens on this machine alone and answers to localhost and to addresses, not to ${JSON.stringify(host)}; a reverse proxy must send the address it connects to as Host.`;
    return problem('host-unknown', detail);
  }
  if (LOOKING.has(method) || isOwnSite(headers, host)) return undefined;
  return problem(
    'cross-site-request',
    'A page of another site has asked for this; only pages of this server, and programs, may.',
  );
}

/** The browser's own word, where it gives one: behind a proxy, our name is not the one that it knows. */
function isOwnSite({ 'sec-fetch-site': site, origin }: FastifyRequest['headers'], host: string | undefined): boolean {
  if (site !== undefined) return OWN_SITE.has(String(site));
  if (origin === undefined) return true;
  const from = URL.parse(origin);
  return from !== null && from.host !== '' && from.host === URL.parse(`${from.protocol}//${host ?? ''}`)?.host;
}

function isOfThisMachine(host: string): boolean {
  const name = URL.parse(`http://${host}`)?.hostname ?? '';
  return LOOPBACK_NAME.test(name) || isIP(name.replaceAll(/^\[|\]$/g, '')) !== 0;
}

function isOnLoopback(address: AddressInfo | string | null): boolean {
  return typeof address === 'object' && address !== null && LOOPBACK_ADDRESS.test(address.address);
}
