// HTTP, a tenant's users: what they hold, by one or by file, what they and all may dial, and who they are.

import { Readable } from 'node:stream';
import { Body, Controller, Get, Headers, HttpCode, Inject, Param, Post, Put, Query, Req } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { ApiBody, ApiConsumes, ApiHeader, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { MAX_LICENCE_ROWS, readLicenceFile, type LicenceFile } from '@tollkeeper/people';
import type { FastifyRequest } from 'fastify';
import { Accounts } from './accounts.js';
import { WriteAnswer } from './answers.js';
import { IDEMPOTENCY_HEADER, IdempotencyKeys, idempotencyKeyOf } from './idempotency.js';
import { API_PARTS, type ApiParts } from './parts.js';
import { People } from './people.js';
import { LicencesAnswer, UsersPage } from './people-answers.js';
import { LicencesBody, LicencesQuery, PolicyBody, UserPath, UsersQuery } from './people-requests.js';
import { problem } from './problem.js';
import { TenantPath } from './requests.js';
import { bodyFault, uploadBody } from './upload-body.js';

const FILE = `Takes a CSV file with the columns user, country, licences (separated by | or ;) and from.

Each row says all that a user holds from an instant on. A file with a fault is refused whole, with line and column of each fault, unless
\`skipFaulty\` is asked for. At most 16 MiB and ${MAX_LICENCE_ROWS} rows, gzip or not. Sending it again is harmless, also after a
failure half-way: what is so already changes nothing.`;

/** Each may hold its hundred thousand rows in memory. */
const MAX_FILES_AT_ONCE = 2;

@ApiTags('users')
@Controller('v1/tenants/:tenant')
export class PeopleController {
  private filesUnderWay = 0;

  constructor(
    @Inject(API_PARTS) private readonly parts: ApiParts,
    @Inject(Accounts) private readonly accounts: Accounts,
    @Inject(People) private readonly people: People,
    @Inject(IdempotencyKeys) private readonly keys: IdempotencyKeys,
  ) {}

  @Put('policy')
  @ApiOperation({ summary: 'Sets what the users without a policy of their own may dial.' })
  @ApiHeader(IDEMPOTENCY_HEADER)
  @ApiOkResponse({ type: WriteAnswer })
  setPolicy(
    @Param() { tenant }: TenantPath,
    @Body() body: PolicyBody,
    @Headers('idempotency-key') header: string | undefined,
  ): Promise<WriteAnswer> {
    return this.policy(tenant, null, body, header);
  }

  @Put('users/:user/policy')
  @ApiOperation({ summary: 'Sets what a user may dial.' })
  @ApiHeader(IDEMPOTENCY_HEADER)
  @ApiOkResponse({ type: WriteAnswer })
  async setUserPolicy(
    @Param() { tenant, user }: UserPath,
    @Body() body: PolicyBody,
    @Headers('idempotency-key') header: string | undefined,
  ): Promise<WriteAnswer> {
    return this.policy(tenant, await this.people.pseudonym(tenant, user), body, header);
  }

  @Put('users/:user/licences')
  @ApiOperation({ summary: 'Assigns all that a user holds from an instant on, in place of what they held before.' })
  @ApiHeader(IDEMPOTENCY_HEADER)
  @ApiOkResponse({ type: WriteAnswer })
  async assign(
    @Param() { tenant, user }: UserPath,
    @Body() { country, licences, from }: LicencesBody,
    @Headers('idempotency-key') header: string | undefined,
  ): Promise<WriteAnswer> {
    const person = await this.people.person(tenant, user);
    const request = { country, from: from ?? null, licences: [...licences], user: person.user, write: 'assign-licences' };
    return this.keys.once(tenant, idempotencyKeyOf(header), request, () =>
      this.accounts.execute(tenant, { kind: 'assign-licences', ...person, country, licences, fromMs: this.instant(from) }),
    );
  }

  @Post('licences')
  @HttpCode(200)
  @RouteConfig({ streamsBody: true })
  @ApiOperation({ summary: 'Assigns licences by a CSV file.', description: FILE })
  @ApiHeader({ ...IDEMPOTENCY_HEADER, description: 'Accepted and not needed: the same rows again change nothing.' })
  @ApiConsumes('text/csv')
  @ApiBody({ schema: { type: 'string', example: 'user,country,licences\nanna@contoso.com,FR,communications-credits\n' } })
  @ApiOkResponse({ type: LicencesAnswer })
  async assignFile(
    @Param() { tenant }: TenantPath,
    @Query() { skipFaulty, dryRun }: LicencesQuery,
    @Headers() headers: Readonly<Record<string, string | undefined>>,
    @Req() request: FastifyRequest,
  ): Promise<LicencesAnswer> {
    idempotencyKeyOf(headers['idempotency-key']);
    await this.accounts.opened(tenant, () => undefined);
    if (this.filesUnderWay >= MAX_FILES_AT_ONCE) {
      throw problem('too-busy', `${MAX_FILES_AT_ONCE} files of licences are under way; try again shortly.`);
    }
    this.filesUnderWay += 1;
    try {
      return await this.assignRows(tenant, await this.read(request.body, headers), { skipFaulty, dryRun });
    } finally {
      this.filesUnderWay -= 1;
    }
  }

  @Get('users')
  @ApiOperation({ summary: 'The users, what they hold and may dial now and later, page by page; a moment behind the stream.' })
  @ApiOkResponse({ type: UsersPage })
  async users(@Param() { tenant }: TenantPath, @Query() { after = '', limit }: UsersQuery): Promise<UsersPage> {
    await this.accounts.opened(tenant, () => undefined);
    const found = await this.people.page(tenant, after, limit + 1);
    const users = found.users.slice(0, limit);
    const last = users.at(-1);
    const isMore = found.users.length > limit && last !== undefined;
    const next = isMore ? `/v1/tenants/${tenant}/users?after=${last.pseudonym}&limit=${limit}` : null;
    return { tenant, policy: found.tenantPolicy, users, next };
  }

  private policy(
    tenant: string,
    user: string | null,
    { policy, from }: PolicyBody,
    header: string | undefined,
  ): Promise<WriteAnswer> {
    const request = { from: from ?? null, policy, user, write: 'set-dial-out-policy' };
    return this.keys.once(tenant, idempotencyKeyOf(header), request, () =>
      this.accounts.execute(tenant, { kind: 'set-dial-out-policy', user, policy, fromMs: this.instant(from) }),
    );
  }

  private async assignRows(
    tenant: string,
    { rows, faults, faultCount }: LicenceFile,
    { skipFaulty, dryRun }: LicencesQuery,
  ): Promise<LicencesAnswer> {
    if (faultCount > 0 && !skipFaulty) {
      const errors = faults.map(({ code, line, column, reason: detail }) => ({ code, line, column, detail }));
      const count = faultCount === 1 ? '1 fault' : `${faultCount} faults`;
      throw problem('licences-refused', `The file has ${count}; nothing of it is assigned.`, { errors, faultCount });
    }
    const outcome = dryRun ? { assigned: 0, unchanged: 0 } : await this.people.assign(tenant, rows);
    const revision = await this.accounts.opened(tenant, (account) => account.revision);
    return { tenant, rows: rows.length, ...outcome, skipped: faultCount, revision };
  }

  private async read(body: unknown, headers: Readonly<Record<string, string | undefined>>): Promise<LicenceFile> {
    if (!(body instanceof Readable)) throw problem('request-unreadable', 'The body is empty; send a CSV file.');
    const mediaType = headers['content-type']?.split(';')[0]?.trim().toLowerCase();
    if (mediaType !== undefined && mediaType !== 'text/csv' && mediaType !== 'text/plain') {
      throw problem('media-type-unsupported', `The body is ${mediaType}; send text/csv.`);
    }
    try {
      const chunks = uploadBody(body, headers['content-encoding'], headers['content-length']);
      return await readLicenceFile(chunks, this.parts.options.nowMs());
    } catch (error) {
      throw bodyFault(error) ?? error;
    }
  }

  private instant(from: string | undefined): number {
    return from === undefined ? this.parts.options.nowMs() : Date.parse(from);
  }
}
