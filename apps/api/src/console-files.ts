// The console's page over HTTP: files that its build has left in apps/console/dist come in; what browsers load below /console/ goes out.
//
// Addresses below it that are no file are the page's own, which shows what they name. Files whose names carry a hash never change.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline, Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { constants, createBrotliCompress, createGzip } from 'node:zlib';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { sendProblem } from './problem-filter.js';
import { problem } from './problem.js';

export const CONSOLE_PATH = '/console/';
export const CONSOLE_FOLDER = fileURLToPath(new URL('../../console/dist', import.meta.url));

const WITHOUT_SLASH = CONSOLE_PATH.slice(0, -1);
const PAGE = 'index.html';
const ASSETS = `${CONSOLE_PATH}assets/`;
const FOR_EVER = 'public, max-age=31536000, immutable';
const ASK_EACH_TIME = 'no-cache';
/** Everything comes from here. The component library writes style elements as it runs, and so does React with style attributes. */
const POLICY = [
  "default-src 'self'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ');
const COMPRESSIBLE = /^(text\/|image\/svg\+xml|application\/(javascript|json|manifest\+json))/;
/** 11 takes a second of a processor for the script; 6 is no longer than the network. */
const BROTLI = { params: { [constants.BROTLI_PARAM_QUALITY]: 6 } };

export function serveConsole(fastify: FastifyInstance, folder: string): void {
  const serve = async (scope: FastifyInstance): Promise<void> => {
    scope.addHook('onSend', async (request, reply, payload) => {
      void reply
        .header('content-security-policy', POLICY)
        .header('x-content-type-options', 'nosniff')
        .header('referrer-policy', 'no-referrer')
        .header('x-frame-options', 'DENY');
      return payload instanceof Readable ? compressed(request, reply, payload) : payload;
    });
    await scope.register(fastifyStatic, {
      root: folder,
      dotfiles: 'ignore',
      // It would warn once at the start where the page was not built; whoever asks for it is told.
      suppressWarning: true,
      cacheControl: false,
      setHeaders: (reply) => {
        void reply.header('cache-control', reply.request.url.startsWith(ASSETS) ? FOR_EVER : ASK_EACH_TIME);
      },
    });
    scope.setNotFoundHandler((request, reply) => answerOther(request, reply, folder));
  };
  void fastify.register(serve, { prefix: WITHOUT_SLASH });
  fastify.get(WITHOUT_SLASH, (_, reply) => reply.redirect(CONSOLE_PATH));
}

function answerOther(request: FastifyRequest, reply: FastifyReply, folder: string): FastifyReply | undefined {
  if (!existsSync(join(folder, PAGE))) {
    const detail = `The console was not built: there is no ${join(folder, PAGE)}. Run "npx vite build apps/console", or "npm start", which builds it.`;
    sendProblem(reply, problem('console-not-built', detail));
    return undefined;
  }
  const isPage = (request.method === 'GET' || request.method === 'HEAD') && !request.url.startsWith(ASSETS);
  // What another version of the page has loaded from here is gone: a page in its place would be no script.
  if (isPage) return reply.sendFile(PAGE);
  sendProblem(reply, problem('not-found', `Cannot ${request.method} ${request.url}`));
  return undefined;
}

/** A part of a file stands for itself. */
function compressed(request: FastifyRequest, reply: FastifyReply, file: Readable): Readable {
  if (reply.statusCode !== 200 || !COMPRESSIBLE.test(String(reply.getHeader('content-type')))) return file;
  void reply.header('vary', 'accept-encoding');
  const accepted = request.headers['accept-encoding'] ?? '';
  const encoding = /\bbr\b/.test(accepted) ? 'br' : /\bgzip\b/.test(accepted) ? 'gzip' : undefined;
  if (encoding === undefined || request.method === 'HEAD') return file;
  void reply.header('content-encoding', encoding).removeHeader('content-length').removeHeader('accept-ranges');
  // An error of the file ends what is sent as well.
  return pipeline(file, encoding === 'br' ? createBrotliCompress(BROTLI) : createGzip(), () => undefined);
}
