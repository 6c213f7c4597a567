// HTTP, calls in progress: a switch asks before a call and while it goes on; only the CDR debits.

import { Body, Controller, HttpCode, Inject, Param, Post, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { AuthorizationAnswer, AuthorizationBody, SessionPath, TerminationBody, UpdateBody } from './authorization-requests.js';
import { Authorizations } from './authorizations.js';

const REFUSED = 'Refused with one of POLICY, UNSUPPORTED_DESTINATION, NOT_AVAILABLE_IN_COUNTRY, NO_LICENCE.';

@ApiTags('authorizations')
@Controller('v1/authorizations')
export class AuthorizationsController {
  constructor(@Inject(Authorizations) private readonly authorizations: Authorizations) {}

  @Post()
  @ApiOperation({ summary: 'May this call take place, and for how long? Holds included minutes and credit for it.' })
  @ApiResponse({ status: 201, type: AuthorizationAnswer, description: 'Granted.' })
  @ApiOkResponse({ type: AuthorizationAnswer, description: 'Granted before, by the same request.' })
  @ApiResponse({ status: 402, description: 'Refused with NO_CREDIT.' })
  @ApiResponse({ status: 403, description: REFUSED })
  async authorise(
    @Body() body: AuthorizationBody,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<AuthorizationAnswer> {
    const answer = await this.authorizations.authorise(body);
    void reply.status(answer.changed ? 201 : 200);
    return answer;
  }

  @Post(':sessionId/update')
  @HttpCode(200)
  @ApiOperation({ summary: 'The call goes on: grants more. A refusal leaves what was granted.' })
  @ApiOkResponse({ type: AuthorizationAnswer })
  update(@Param() { sessionId }: SessionPath, @Body() body: UpdateBody): Promise<AuthorizationAnswer> {
    return this.authorizations.update(sessionId, body);
  }

  @Post(':sessionId/termination')
  @HttpCode(200)
  @ApiOperation({ summary: 'The call has ended: holds no more than it used, until its CDR comes.' })
  @ApiOkResponse({ schema: { type: 'object', properties: { changed: { type: 'boolean' } } } })
  async terminate(@Param() { sessionId }: SessionPath, @Body() body: TerminationBody): Promise<{ readonly changed: boolean }> {
    return { changed: await this.authorizations.terminate(sessionId, body) };
  }
}
