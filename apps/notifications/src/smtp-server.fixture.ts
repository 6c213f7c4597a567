// For tests of mails: a real SMTP server in this process, and the mails that it has taken, read back.

import type { AddressInfo } from 'node:net';
import PostalMime, { type Email } from 'postal-mime';
import { SMTPServer } from 'smtp-server';

export type Received = Email & { readonly recipients: readonly string[] };

export class MailServer {
  readonly received: Received[] = [];
  /** Recipients that are answered with an error; `*` is all of them. */
  readonly refused = new Map<string, { readonly code: number; readonly text: string }>();
  #server: SMTPServer | undefined;
  #port = 0;

  static async open(): Promise<MailServer> {
    const server = new MailServer();
    await server.up();
    return server;
  }

  get url(): string {
    return `smtp://127.0.0.1:${this.#port}`;
  }

  /** Again on the port that it had. */
  async up(): Promise<void> {
    const server = new SMTPServer({
      disabledCommands: ['STARTTLS', 'AUTH'],
      onRcptTo: ({ address }, _, done) => {
        const refusal = this.refused.get(address) ?? this.refused.get('*');
        done(refusal && Object.assign(new Error(refusal.text), { responseCode: refusal.code }));
      },
      onData: (stream, { envelope }, done) => {
        const recipients = envelope.rcptTo.map(({ address }) => address);
        void this.#take(stream, recipients, done);
      },
    });
    server.on('error', () => undefined);
    await new Promise<void>((resolve) => server.listen(this.#port, '127.0.0.1', resolve));
    this.#port = (server.server.address() as AddressInfo).port;
    this.#server = server;
  }

  async down(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (server === undefined) return;
    await new Promise<void>((resolve) => {
      server.close(() => resolve());
      for (const connection of server.connections) connection.close();
    });
  }

  async #take(stream: AsyncIterable<Buffer>, recipients: readonly string[], done: () => void): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of stream) chunks.push(chunk);
    this.received.push({ ...(await PostalMime.parse(Buffer.concat(chunks))), recipients });
    done();
  }
}
