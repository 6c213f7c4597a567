// Browser tests: what a folder holds at first comes in; the whole product as one real process goes out, and a real Chromium before it.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect } from '@jest/globals';
import { openEventStore } from '@tollkeeper/event-store';
import { availablePort, waitFor } from '@tollkeeper/testing';
import type { Browser, Page } from 'playwright-core';
import { findTool } from '../export/tools.js';
import { apiAt, type Api } from '../path/http.js';
import { spawnProgram, useDeck, type Program } from '../stage/index.js';
import { launchChromium, openPage, type Misdeeds, type PageOptions } from './chromium.js';

export const UNTIL_MS = 30_000;
const OPEN_WITHIN_MS = 90_000;

export type StageOptions = {
  /** The demo's tenants and calls; otherwise an empty ledger. */
  readonly hasDemo?: boolean;
  /** Rates of any time, in EUR. */
  readonly deckCsv?: string;
  /** What the payment gateway does to a tenant's first, second, … payment; the last one repeats. */
  readonly payments?: Readonly<Record<string, readonly string[]>>;
  readonly operatorToken?: string;
  /** What pages may write on their console all the same. */
  readonly toleratedErrors?: RegExp;
};

/** Source and account code by which the program's own settings know the tenant of a canonical record. */
const SOURCE = 'sbc-dublin';
const ACCOUNT_CODES: Readonly<Record<string, string>> = { rheintal: '1001', lumiere: '1002', lonestar: '1003' };

export type CallRecord = {
  readonly id: string;
  readonly tenant: string;
  readonly called: string;
  readonly usageMs: number;
  readonly answeredAt: string;
};

export class BrowserStage {
  readonly #misdeeds: Misdeeds = [];
  #browser: Browser | undefined;
  #server: Program | undefined;

  private constructor(
    readonly folder: string,
    readonly url: string,
    readonly api: Api,
    private readonly options: StageOptions,
  ) {}

  static async open(options: StageOptions): Promise<BrowserStage> {
    const folder = await mkdtemp(join(tmpdir(), 'tollkeeper-browser-'));
    const url = `http://127.0.0.1:${await availablePort()}`;
    if (options.deckCsv !== undefined) await importInto(folder, options.deckCsv);
    const rules = Object.entries(options.payments ?? {});
    const journal = rules.map(([tenant, behaviours]) => `${JSON.stringify({ kind: 'behaviours', tenant, behaviours })}\n`);
    if (journal.length > 0) await writeFile(join(folder, 'payments.ndjson'), journal.join(''));
    const stage = new BrowserStage(folder, url, apiAt(url, options.operatorToken), options);
    const [browser] = await Promise.all([launchChromium(), stage.startServer()]);
    stage.#browser = browser;
    return stage;
  }

  /** On the same folder and port as before. */
  async startServer(): Promise<void> {
    const { hasDemo = false, operatorToken } = this.options;
    const env = {
      PATH: process.env['PATH'] ?? '',
      LOG_LEVEL: 'error',
      ...(operatorToken === undefined ? {} : { OPERATOR_TOKEN: operatorToken }),
    };
    const port = Number(new URL(this.url).port);
    const args = ['--data', this.folder, '--port', String(port), ...(hasDemo ? [] : ['--empty'])];
    const server = spawnProgram('standalone', { env, args, port, logFile: join(this.folder, 'server.log') });
    this.#server = server;
    await server.waitReady();
    const what = `all of the demo's calls to be taken down\n${server.tail()}`;
    if (hasDemo) await waitFor(() => server.logs().includes('Listening on'), { timeoutMs: UNTIL_MS, what });
  }

  async stopServer(): Promise<void> {
    await this.#server?.kill('SIGTERM');
  }

  visit(options?: PageOptions): Promise<Page> {
    if (this.#browser === undefined) throw new Error('the stage has no browser yet');
    return openPage(this.#browser, this.url, this.#misdeeds, options);
  }

  /** As a switch reports them: published, rated and debited a moment later. The texts of the records come out. */
  async takeDown(...calls: readonly CallRecord[]): Promise<readonly string[]> {
    const texts = calls.map((call) => JSON.stringify(recordOf(call)));
    const { status, body } = await this.api.postCdrs(texts.join('\n'), 'application/x-ndjson', SOURCE);
    expect({ status, body }).toMatchObject({ status: 200, body: { totals: { accepted: calls.length } } });
    return texts;
  }

  /** What pages did since this was asked last that none may do: an uncaught error, a breach of the page's policy, a request to elsewhere. */
  misdeeds(): readonly string[] {
    return this.#misdeeds.splice(0).filter((misdeed) => this.options.toleratedErrors?.test(misdeed) !== true);
  }

  /** Ends what visitors of a test left open. */
  async closeVisits(): Promise<void> {
    await Promise.all((this.#browser?.contexts() ?? []).map((context) => context.close()));
  }

  async close(): Promise<void> {
    await this.#browser?.close();
    await this.#server?.kill();
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** A suite in Chromium on a stage of its own; skipped by name where there is no browser. */
export function inChromium(options: StageOptions, define: (stage: () => BrowserStage) => void): void {
  const { name, isThere } = findTool('Chromium');
  (isThere ? describe : describe.skip)(name, () => {
    let stage: BrowserStage | undefined;
    beforeAll(async () => {
      stage = await BrowserStage.open(options);
    }, OPEN_WITHIN_MS);
    afterEach(async () => {
      await stage?.closeVisits();
      expect(stage?.misdeeds() ?? []).toEqual([]);
    });
    afterAll(() => stage?.close(), OPEN_WITHIN_MS);
    define(() => {
      if (stage === undefined) throw new Error('the stage is not open yet');
      return stage;
    });
  });
}

function recordOf({ id, tenant, called, usageMs, answeredAt }: CallRecord): object {
  return {
    id,
    callId: `call-${id}`,
    accountCode: ACCOUNT_CODES[tenant],
    direction: 'outbound',
    category: 'outbound',
    callingNumber: '+4960099000001',
    calledNumber: called,
    answerTime: answeredAt,
    endTime: new Date(Date.parse(answeredAt) + usageMs).toISOString(),
  };
}

async function importInto(folder: string, csv: string): Promise<void> {
  const store = openEventStore(`sqlite:${join(folder, 'events.sqlite')}`);
  await useDeck(store, csv);
  await store.close();
}
