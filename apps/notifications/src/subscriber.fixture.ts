// For tests of webhooks: a subscriber's real HTTP server in this process, which verifies what comes with the library of the standard.

import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Webhook } from 'standardwebhooks';

export type Call = { readonly id: string; readonly headers: IncomingHttpHeaders; readonly body: string; readonly path: string };

export class Subscriber {
  readonly calls: Call[] = [];
  /** Answers in order; the last one is given again and again. `null` never answers. */
  answers: readonly (number | null)[] = [204];
  readonly #server: Server;
  #port = 0;

  private constructor() {
    this.#server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const { headers, url = '' } = request;
        this.calls.push({ id: String(headers['webhook-id']), headers, body: Buffer.concat(chunks).toString(), path: url });
        const answer = this.answers[Math.min(this.calls.length, this.answers.length) - 1];
        if (answer === null || answer === undefined) return;
        response.writeHead(answer, { location: '/elsewhere' }).end('thanks');
      });
    });
  }

  static async open(): Promise<Subscriber> {
    const subscriber = new Subscriber();
    await new Promise<void>((resolve) => subscriber.#server.listen(0, '127.0.0.1', resolve));
    subscriber.#port = (subscriber.#server.address() as AddressInfo).port;
    return subscriber;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}/hook`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  /** Every call's payload, its signature verified by the library with this secret. The clock of the test is not that of the library. */
  verified(secret: string): readonly unknown[] {
    return this.calls.map(({ headers, body }) => {
      const [id, timestamp] = [String(headers['webhook-id']), Number(headers['webhook-timestamp'])];
      const signature = new Webhook(secret).sign(id, new Date(timestamp * 1000), body);
      if (signature !== headers['webhook-signature']) throw new Error(`the signature of ${id} does not match`);
      return JSON.parse(body) as unknown;
    });
  }
}
