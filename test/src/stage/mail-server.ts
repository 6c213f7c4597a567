// Tests across processes: nothing comes in; an SMTP server in this process goes out, and the mails that it has taken, read back.

import type { AddressInfo } from 'node:net';
import PostalMime from 'postal-mime';
import { SMTPServer } from 'smtp-server';

export type TakenMail = {
  readonly messageId: string;
  readonly subject: string;
  readonly text: string;
  readonly recipients: readonly string[];
};

export type MailServer = {
  readonly url: string;
  /** In the order of arrival, each as often as it came. */
  readonly taken: readonly TakenMail[];
  close(): Promise<void>;
};

/** @param onTaken before the sender is answered that the mail was taken. */
export async function openMailServer(onTaken: (mail: TakenMail) => void = () => undefined): Promise<MailServer> {
  const taken: TakenMail[] = [];
  const take = async (stream: AsyncIterable<Buffer>, recipients: readonly string[], done: () => void): Promise<void> => {
    const mail = await mailOf(stream, recipients).catch(() => undefined);
    // Whoever was killed before the last line of a mail has sent none.
    if (mail === undefined) return;
    taken.push(mail);
    onTaken(mail);
    done();
  };
  const server = new SMTPServer({
    disabledCommands: ['STARTTLS', 'AUTH'],
    onData: (stream, { envelope }, done) => {
      const recipients = envelope.rcptTo.map(({ address }) => address);
      void take(stream, recipients, done);
    },
  });
  // A program that was killed leaves its connection.
  server.on('error', () => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.server.address() as AddressInfo;
  return {
    url: `smtp://127.0.0.1:${port}`,
    taken,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        for (const connection of server.connections) connection.close();
      }),
  };
}

async function mailOf(stream: AsyncIterable<Buffer>, recipients: readonly string[]): Promise<TakenMail> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  const { messageId = '', subject = '', text = '' } = await PostalMime.parse(Buffer.concat(chunks));
  return { messageId, subject: plain(subject), text: plain(text), recipients };
}

/** French figures hold narrow and unbreakable blanks. */
function plain(text: string): string {
  return text.replaceAll(/[\u00a0\u202f]/g, ' ');
}
