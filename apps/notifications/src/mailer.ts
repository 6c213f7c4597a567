// Mail step's way out: a mail → the SMTP server that `SMTP_URL` names, or an error that says whether trying again can help.

import { createHash } from 'node:crypto';
import { createTransport } from 'nodemailer';

export type Mail = {
  readonly to: readonly string[];
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  readonly messageId: string;
};

export type Mailer = {
  /** Resolves when the server has taken the mail for at least one of them. @throws MailError */
  send(mail: Mail): Promise<{ readonly refusedRecipients: number }>;
  /** Whether the server answers and takes the password. @throws MailError */
  verify(): Promise<void>;
  close(): void;
};

/** Its message holds no address: it is logged. */
export class MailError extends Error {
  constructor(
    /** SMTP's own code such as `550`, or the connection's such as `ECONNECTION`. */
    readonly code: string,
    readonly retryable: boolean,
    what: string,
  ) {
    super(`The mail server ${what} (${code})`);
    this.name = 'MailError';
  }
}

/** One mail, from the connection to the server's last word. */
export const SEND_WITHIN_MS = 60_000;
const CONNECT_WITHIN_MS = 10_000;
const SILENCE_MS = 30_000;
const CONNECTIONS = 4;

export function smtpMailer(smtpUrl: string, from: string): Mailer {
  const transport = createTransport({
    url: smtpUrl,
    pool: true,
    maxConnections: CONNECTIONS,
    connectionTimeout: CONNECT_WITHIN_MS,
    greetingTimeout: CONNECT_WITHIN_MS,
    socketTimeout: SILENCE_MS,
    // Letters are made here; nothing of them is ever to be read from a file or fetched from somewhere.
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return {
    async send({ to, ...mail }) {
      const message = {
        ...mail,
        from,
        // As objects, so that nothing in an address is parsed as a list.
        to: to.map((address) => ({ name: '', address })),
        // RFC 3834: an answering machine must not answer.
        headers: { 'Auto-Submitted': 'auto-generated' },
      };
      const { rejected } = await within(transport.sendMail(message)).catch((error: unknown) => {
        throw mailErrorOf(error);
      });
      return { refusedRecipients: rejected?.length ?? 0 };
    },
    async verify() {
      await within(transport.verify()).catch((error: unknown) => {
        throw mailErrorOf(error);
      });
    },
    close: () => transport.close(),
  };
}

/** The same for the same notice, so that a mail sent again after a crash is recognised by mailboxes as one that they have. */
export function messageIdOf(noticeId: string, from: string): string {
  const digest = createHash('sha256').update(noticeId).digest('hex').slice(0, 40);
  const domain = /@([A-Za-z0-9.-]+)>?\s*$/.exec(from)?.[1] ?? 'tollkeeper.invalid';
  return `<${digest}@${domain}>`;
}

async function within<Result>(work: Promise<Result>): Promise<Result> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new MailError('ETIMEDOUT', true, 'took too long')), SEND_WITHIN_MS);
  work.catch(() => undefined);
  try {
    return await Promise.race([work, promise]);
  } finally {
    clearTimeout(timer);
  }
}

const PERMANENT = 500;

/** A refused password or sender is a setting that somebody mends; a refused recipient or content stays refused. */
function mailErrorOf(error: unknown): MailError {
  if (error instanceof MailError) return error;
  const { code, responseCode } = error as { readonly code?: unknown; readonly responseCode?: unknown };
  const kind = typeof code === 'string' ? code : 'EUNKNOWN';
  const answer = typeof responseCode === 'number' ? String(responseCode) : undefined;
  const isFinal = (kind === 'EENVELOPE' || kind === 'EMESSAGE') && Number(answer) >= PERMANENT;
  const what = answer === undefined ? 'cannot be reached' : isFinal ? 'refused the mail' : 'did not take the mail';
  return new MailError(answer ?? kind, !isFinal, what);
}
