// The HTTP server around the API: a module comes in; a Nest application on Fastify that speaks problem+json and OpenAPI goes out.

import type { Socket } from 'node:net';
import { Readable } from 'node:stream';
import type { DynamicModule, Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { ProblemView } from './answers.js';
import { CONSOLE_FOLDER, serveConsole } from './console-files.js';
import { OPERATOR } from './operator.js';
import { OpenApiDocument } from './operations.controller.js';
import { API_PARTS, type ApiParts } from './parts.js';
import { ProblemFilter, PROBLEM_MEDIA_TYPE, problemFor, sendProblem } from './problem-filter.js';
import { measureRequests } from './request-metrics.js';
import { problem } from './problem.js';
import { guardSite } from './site-guard.js';
import { RequestGate } from './validation.js';

/** Of every body but CDRs: the largest is some hundred bytes. */
const MAX_BODY_BYTES = 65_536;
/** For a whole request to come in: 16 MiB in this time is a slow line. */
const REQUEST_TIMEOUT_MS = 120_000;
const MAX_PATH_PARAMETER_CHARS = 256;

/** Ready to listen. The module must hold ApiModule. */
export async function createHttpApp(
  module: DynamicModule | Type,
  consoleFolder = CONSOLE_FOLDER,
): Promise<NestFastifyApplication> {
  const adapter = new FastifyAdapter({
    requestTimeout: REQUEST_TIMEOUT_MS,
    routerOptions: { maxParamLength: MAX_PATH_PARAMETER_CHARS },
    frameworkErrors: (error: Error, _request: unknown, reply: FastifyReply) => sendProblem(reply, problemFor(error)),
  });
  const app = await NestFactory.create<NestFastifyApplication>(module, adapter, {
    logger: ['error', 'warn'],
    bodyParser: false,
    abortOnError: false,
  });
  const parts = app.get<ApiParts>(API_PARTS);
  const fastify = app.getHttpAdapter().getInstance() as unknown as FastifyInstance;
  guardSite(fastify);
  parseBodies(fastify);
  measureRequests(fastify, parts.registry);
  closeUnused(fastify);
  serveConsole(fastify, consoleFolder);
  app.useGlobalPipes(new RequestGate());
  app.useGlobalFilters(new ProblemFilter(parts.logger));
  app.get(OpenApiDocument).document = describe(app);
  await app.init();
  await fastify.ready();
  return app;
}

/** Browsers connect ahead of what they may ask for. Node counts such a connection as busy, and closing would wait for its timeout. */
function closeUnused(fastify: FastifyInstance): void {
  const sockets = new Set<Socket>();
  fastify.server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  fastify.addHook('preClose', async () => {
    for (const socket of sockets) if (socket.bytesRead === 0) socket.destroy();
  });
}

/** JSON for every route, except those that take the stream itself. */
function parseBodies(fastify: FastifyInstance): void {
  const parseJson = fastify.getDefaultJsonParser('error', 'error');
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser('*', async (request: FastifyRequest, payload: Readable) => {
    if (streamsBody(request)) return payload;
    const text = await readJsonText(request, payload);
    if (text === '') return undefined;
    return new Promise((resolve, reject) => {
      void parseJson(request, text, (error, body) => (error ? reject(error) : resolve(body)));
    });
  });
}

function streamsBody(request: FastifyRequest): boolean {
  return (request.routeOptions.config as { readonly streamsBody?: boolean }).streamsBody === true;
}

async function readJsonText({ headers }: FastifyRequest, payload: Readable): Promise<string> {
  const mediaType = headers['content-type']?.split(';')[0]?.trim().toLowerCase();
  if (mediaType !== undefined && mediaType !== 'application/json' && !mediaType.endsWith('+json')) {
    throw problem('media-type-unsupported', `The body is ${mediaType}; send application/json.`);
  }
  const encoding = headers['content-encoding'] ?? 'identity';
  if (encoding !== 'identity') throw problem('media-type-unsupported', `Content-Encoding ${encoding} is for CDRs only.`);
  if (Number(headers['content-length']) > MAX_BODY_BYTES) throw tooLarge();
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of payload.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES) throw tooLarge();
    chunks.push(chunk);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks));
  } catch {
    throw problem('request-unreadable', 'The body is not UTF-8 text.');
  }
}

function tooLarge(): Error {
  return problem('body-too-large', `This body may have at most ${MAX_BODY_BYTES} bytes.`);
}

function describe(app: NestFastifyApplication): OpenApiDocument['document'] {
  const settings = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('Tollkeeper')
    .setDescription('A prepaid-credit ledger for telephony. Money is decimal text; refusals are problem+json (RFC 9457).')
    .setVersion('1')
    .addServer('/')
    .addBearerAuth({ type: 'http', scheme: 'bearer', description: 'The token of the operator, when one is set.' }, OPERATOR)
    .build();
  const document = SwaggerModule.createDocument(app, settings, { extraModels: [ProblemView] });
  for (const path of Object.values(document.paths)) {
    for (const operation of [path.get, path.put, path.post, path.delete]) {
      if (operation !== undefined) operation.responses['default'] ??= ANY_PROBLEM;
    }
  }
  return document;
}

const ANY_PROBLEM = {
  description: 'Any refusal: a problem with its code.',
  content: { [PROBLEM_MEDIA_TYPE]: { schema: { $ref: '#/components/schemas/ProblemView' } } },
};
