// HTTP for whoever runs it: is it alive, is it ready, what has it counted, what does it offer.

import { Controller, Get, Header, Headers, Inject, Injectable, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProduces, ApiResponse, ApiTags, type OpenAPIObject } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { CONSOLE_PATH } from './console-files.js';
import { API_PARTS, type ApiParts } from './parts.js';

/** Made once all routes are known, and so after the controllers. */
@Injectable()
export class OpenApiDocument {
  document: OpenAPIObject | undefined;
}

const INDEX = `Tollkeeper: a prepaid-credit ledger for telephony.

PUT    /v1/tenants/{tenant}                    open an account: {"currency": "EUR"}
GET    /v1/tenants                             balances of all tenants
GET    /v1/tenants/{tenant}/balance            the balance; ?minRevision=N waits for a write of yours
GET    /v1/tenants/{tenant}/balance/live       the balance as it changes (server-sent events)
GET    /v1/tenants/{tenant}/balance/history    the balance by day, and when it runs out at the pace of late; ?days=90
GET    /v1/tenants/{tenant}/credit             lots, holds, included minutes, auto-recharge and alarms, from the stream itself
GET    /v1/tenants/{tenant}/advice             when to recharge and by how much, after two months of usage
GET    /v1/tenants/{tenant}/events             the account's events
GET    /v1/tenants/{tenant}/calls              the calls, newest first; ?search=, from, to, category, coverage, minAmount …
GET    /v1/tenants/{tenant}/calls/{id}/explanation   from the record that came in to the money that went out
GET    /v1/tenants/{tenant}/recharges          every recharge, and why payments failed
GET    /v1/tenants/{tenant}/report             the usage report: ?from=2026-03-01&to=2026-04-01&format=csv or xlsx
POST   /v1/tenants/{tenant}/purchases          buy credit: {"amount": "25.00", "method": "card"}, with an Idempotency-Key
GET    /v1/tenants/{tenant}/purchases/{id}     what has become of a purchase by card
POST   /v1/tenants/{tenant}/purchases/{id}/refunds   {"amount": "5", "cause": "refund", "author": "j.doe", "reason": "…"}
POST   /v1/tenants/{tenant}/adjustments        {"direction": "credit", "amount": "5", "author": "j.doe", "reason": "…"}
PUT    /v1/tenants/{tenant}/plan               {"plan": "gold", "from": "2027-01-01T00:00:00Z"}: calls from then on
PUT    /v1/tenants/{tenant}/auto-recharge      {"trigger": "5.00", "amount": "25.00"}; DELETE ends it
POST   /v1/tenants/{tenant}/auto-recharge/resume   {"author": "j.doe"}: goes on after failed payments
PUT    /v1/tenants/{tenant}/alert-threshold    {"threshold": "10.00"}; DELETE ends it
POST   /v1/authorizations                      may a call take place, and for how long? holds credit for it
POST   /v1/authorizations/{sessionId}/update   it goes on: {"tenant": "acme", "usedSeconds": 240}; /termination: it has ended
PUT    /v1/tenants/{tenant}/terms              {"country": "FR", "licensing": "required"}; GET tells all terms
PUT    /v1/tenants/{tenant}/recipients         {"addresses": ["billing@contoso.com"], "language": "en"}; GET tells them
PUT    /v1/tenants/{tenant}/policy             {"policy": "zone-a"}: what may be dialled; /users/{user}/policy: by one user
PUT    /v1/tenants/{tenant}/users/{user}/licences   {"country": "FR", "licences": ["communications-credits"]}
POST   /v1/tenants/{tenant}/licences           licences of many: CSV with the columns user,country,licences,from
GET    /v1/tenants/{tenant}/users              who holds what, now and later
POST   /v1/tenants/{tenant}/webhooks           {"url": "https://…"}: the secret that signs messages is shown once; GET lists them
POST   /v1/tenants/{tenant}/webhooks/{id}/enable   begins anew; /disable; DELETE /v1/tenants/{tenant}/webhooks/{id} removes it
POST   /v1/prices                              what a call would cost, how long credit would last
POST   /v1/cdrs?source=NAME                    call-detail records: JSON, NDJSON or CSV

GET    /v1/decks                               versions of the rate decks; /v1/decks/{hash}/diff/{hash}: what differs
POST   /v1/decks?currency=EUR&author=j.doe     a rate deck as CSV: a version of each of its plans
POST   /v1/decks/{hash}/activations            {"at": "2027-01-01T00:00:00Z", "author": "j.doe"}: calls answered from then on
GET    /v1/operations                          what lags, what was put aside, the last rebuilds and verification
POST   /v1/operations/rebuilds                 {"name": "balance"}: builds a read model anew; {} all of them
POST   /v1/operations/verifications            {}: verifies the ledger; GET /v1/operations tells the outcome
GET    /v1/dead-letters?code=no-rate           what is put aside, and why; /v1/dead-letters/letter?id=…: one as it came
POST   /v1/dead-letters/retry                  {"code": "no-rate"}: sends them again; /discard: {"id": "…", "author": "j.doe", "reason": "…"}
POST   /v1/rerates                             {"from": "…", "to": "…", "author": "j.doe"}: rates calls again, replaces what differs
POST   /v1/tenants/{tenant}/erasures           {"before": "2026-04", "author": "j.doe"}: forgets the persons of calls before

GET    /console/                               the page for people
GET    /openapi.json                           all of this, for programs
GET    /livez   /readyz   /metrics             for whoever runs it
`;

const CHECKS = {
  type: 'object',
  properties: {
    ok: { type: 'boolean' },
    failing: { type: 'object', additionalProperties: { type: 'string' }, description: 'Each failing check with its reason.' },
  },
};

@ApiTags('operations')
@Controller()
export class OperationsController {
  constructor(
    @Inject(API_PARTS) private readonly parts: ApiParts,
    @Inject(OpenApiDocument) private readonly openApi: OpenApiDocument,
  ) {}

  @Get()
  @Header('content-type', 'text/plain; charset=utf-8')
  @Header('vary', 'accept')
  @ApiOperation({ summary: 'What there is here, for people: browsers are led to the console.' })
  @ApiProduces('text/plain')
  @ApiOkResponse({ schema: { type: 'string' } })
  @ApiResponse({ status: 302, description: 'To the console, where HTML is accepted.' })
  index(@Headers('accept') accept: string | undefined, @Res({ passthrough: true }) reply: FastifyReply): string {
    if (accept?.includes('text/html')) void reply.status(302).header('location', CONSOLE_PATH);
    return INDEX;
  }

  @Get('livez')
  @ApiOperation({ summary: 'Answers while the process turns.' })
  @ApiOkResponse({ schema: { type: 'object', properties: { ok: { type: 'boolean' } } } })
  live(): { readonly ok: true } {
    return { ok: true };
  }

  @Get('readyz')
  @ApiOperation({ summary: 'Whether everything it needs answers; each check by name.' })
  @ApiOkResponse({ schema: CHECKS })
  @ApiResponse({ status: 503, description: 'A check fails.', schema: CHECKS })
  ready(@Res({ passthrough: true }) reply: FastifyReply): object {
    const { ok, checks } = this.parts.readiness.snapshot();
    const failing = Object.entries(checks).filter(([, check]) => !check.ok);
    void reply.status(ok ? 200 : 503);
    return { ok, failing: Object.fromEntries(failing.map(([name, { reason }]) => [name, reason])) };
  }

  @Get('metrics')
  @ApiOperation({ summary: 'Counters and timings in the text form of Prometheus.' })
  @ApiProduces('text/plain')
  @ApiOkResponse({ schema: { type: 'string' } })
  metrics(@Res({ passthrough: true }) reply: FastifyReply): Promise<string> {
    void reply.header('content-type', this.parts.registry.contentType);
    return this.parts.registry.metrics();
  }

  @Get('openapi.json')
  @ApiOperation({ summary: 'This description, as OpenAPI 3.1.' })
  @ApiOkResponse({ schema: { type: 'object' } })
  description(): OpenAPIObject | undefined {
    return this.openApi.document;
  }
}
