// Path tests of mails: a stage comes in; its notifications program is killed at the worst of moments, when the mail server has taken a
// mail and before that is written down. What it had in hand then goes out: nothing else may ever come twice.

import type { NoticeTables } from '@tollkeeper/app-notifications';
import type { RecordedEvent } from '@tollkeeper/event-store';
import type { ReadStore } from '@tollkeeper/read-store';
import { sql } from 'kysely';
import { openMailServer, type MailServer, type Program, type Stage } from '../stage/index.js';
import { messageIdOfNotice } from './mail-oracle.js';

/** Of the stage's `MAIL_FROM`. */
const DOMAIN = 'carrier.example';
const WITHIN_MS = 180_000;

/** Pulled in the very call in which the server takes a mail. */
type Trigger = { pull: (() => void) | undefined };

export class MailKiller {
  /** How often a kill found each Message-ID in hand. */
  readonly inHand = new Map<string, number>();
  kills = 0;
  #program: Program | undefined;

  private constructor(
    readonly server: MailServer,
    private readonly trigger: Trigger,
  ) {}

  /** The server first: the stage's programs are told where it is. */
  static async open(): Promise<MailKiller> {
    const trigger: Trigger = { pull: undefined };
    return new MailKiller(await openMailServer(() => trigger.pull?.()), trigger);
  }

  async start(stage: Stage): Promise<void> {
    this.#program = await stage.start('notifications');
    await this.#program.waitReady();
  }

  /** Kills so many times: at the first mail that is taken, at the third after the next start, at the fifth, so that more is in hand. */
  async run(stage: Stage, kills: number): Promise<void> {
    while (this.kills < kills) {
      const program = this.#program;
      let mailsToGo = 1 + 2 * this.kills;
      // The signal is sent before the server answers.
      this.trigger.pull = () => {
        mailsToGo -= 1;
        if (mailsToGo === 0) void program?.kill();
      };
      await stage.until(`mail ${mailsToGo} to be taken`, () => program?.hasExited(), WITHIN_MS);
      this.trigger.pull = undefined;
      const exit = await program?.exited;
      if (exit?.signal !== 'SIGKILL') throw new Error(`notifications ended by itself\n${program?.tail()}`);
      this.kills += 1;
      await this.#release(stage);
      await this.start(stage);
    }
  }

  /** Resolves when what the events give cause to is raised, and nothing waits to be mailed. */
  async settled(stage: Stage, events: readonly RecordedEvent[]): Promise<void> {
    const last = events.reduce((latest, { position }) => (position > latest ? position : latest), 0n);
    const store = storeOf(stage);
    await stage.until('every cause to be mailed', async () => {
      if (((await store.checkpoint('notices')) ?? -1n) < last) return false;
      const due = await store.db.selectFrom('notice').select('notice_id').where('mail_status', '=', 'due').execute();
      return due.length === 0;
    });
  }

  /** The claims of the dead run out now instead of three minutes later; nobody else holds any, since nobody lives. */
  async #release(stage: Stage): Promise<void> {
    await storeOf(stage).write(async (tx) => {
      // Waits for what the dead had sent to the database as their last.
      await sql`lock table notice in exclusive mode`.execute(tx);
      const held = await tx
        .updateTable('notice')
        .set({ mail_lease: null, mail_lease_until: null })
        .where('mail_status', '=', 'due')
        .where('mail_lease', 'is not', null)
        .returning('notice_id')
        .execute();
      for (const { notice_id: noticeId } of held) {
        const messageId = messageIdOfNotice(noticeId, DOMAIN);
        this.inHand.set(messageId, (this.inHand.get(messageId) ?? 0) + 1);
      }
    });
  }
}

function storeOf({ readStore }: Stage): ReadStore<NoticeTables> {
  return readStore as unknown as ReadStore<NoticeTables>;
}
