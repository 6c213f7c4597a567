// A tenant's calls over real HTTP, with the read store on SQLite and on PostgreSQL: pages, filters, and what a search finds.

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createSchema, findPostgres } from '@tollkeeper/testing';
import { writeCalls, type Call } from './call-rows.fixture.js';
import { Calls, MAX_OPENED, MAX_WALKED } from './calls.js';
import { call, startApi, type TestApi } from './fixtures.js';

const postgres = await findPostgres();
type Place = { readonly url: string | undefined; drop(): Promise<void> };
type Page = { readonly calls: readonly any[]; readonly next: string | null; readonly searchedBackTo: string | null };

/** The n-th minute of the month. */
const at = (n: number): string => new Date(Date.UTC(2026, 2, 1) + n * 60_000).toISOString();

const CALLS: readonly Call[] = [
  { cdr_id: 'mobile-1', call_id: 'sip-7@pbx', answered_at: at(1), parties: { userPrincipalName: 'anna@contoso.com' } },
  {
    cdr_id: 'usa',
    answered_at: at(2),
    category: 'international',
    prefix: '1202',
    destination: 'United States',
    amount: '0.5',
    unauthorised: 'NO_CREDIT',
    parties: { called: '+12025550123' },
  },
  { cdr_id: 'erased', answered_at: at(3), parties: null },
  {
    cdr_id: 'inbound',
    answered_at: at(4),
    category: 'toll-free-inbound',
    destination: 'Freephone',
    parties: { calling: '+442079460001', called: '+33800000001', userPrincipalName: 'Anna@Contoso.com' },
  },
  {
    cdr_id: 'pooled',
    answered_at: at(5),
    destination: 'France',
    coverage: 'pool',
    pool_ms: 120_000,
    amount: '0',
    parties: { called: '+33123456789', userDisplayName: 'Zoë' },
  },
  {
    cdr_id: 'leg',
    answered_at: at(6),
    billable: 0,
    category: '',
    destination: '',
    prefix: '',
    currency: '',
    amount: '0',
    coverage: '',
    parties: { called: '+41790000000', calling: '+41790000001' },
  },
];

function callsOver(engine: string, openPlace: () => Promise<Place>): void {
  describe(`calls over ${engine}`, () => {
    let place: Place;
    let api: TestApi;
    beforeAll(async () => {
      place = await openPlace();
      api = await startApi(place.url === undefined ? {} : { readStoreUrl: place.url });
      for (const tenant of ['acme', 'many', 'far']) await call(api, 'PUT', `/v1/tenants/${tenant}`, { currency: 'EUR' });
      await call(api, 'PUT', '/v1/tenants/acme/terms', { country: 'FR' });
      await writeCalls(api, CALLS);
    });
    afterAll(async () => {
      await api.close();
      await place.drop();
    });

    const page = async (query: string, tenant = 'acme'): Promise<Page> => {
      const answer = await call(api, 'GET', `/v1/tenants/${tenant}/calls?${query}`);
      expect([answer.status, answer.body.code]).toEqual([200, undefined]);
      return answer.body;
    };
    const found = async (query: string): Promise<readonly string[]> => (await page(query)).calls.map(({ id }) => id);
    /** Walks all the calls there are, which are tens of thousands. */
    async function waitsForNobody(): Promise<void> {
      const calls = api.app.get(Calls);
      const walk = (gone: AbortSignal) =>
        calls.page({ tenant: 'far', currency: 'EUR', country: 'FR' }, { limit: 50, minAmount: '99' }, gone);
      let turns = 0;
      const turn = (): void => {
        turns += 1;
        next = setImmediate(turn);
      };
      let next = setImmediate(turn);
      await walk(new AbortController().signal);
      clearImmediate(next);
      expect(turns).toBeGreaterThan(20);
      const gone = new AbortController();
      const leaving = walk(gone.signal);
      setImmediate(() => gone.abort());
      expect(await leaving).toMatchObject({ calls: [], next: expect.any(String), searchedBackTo: expect.any(String) });
      const { signal } = new AbortController();
      const asked = await Promise.allSettled(Array.from({ length: 5 }, () => walk(signal)));
      expect(asked.filter(({ status }) => status === 'rejected')).toHaveLength(1);
    }
    const search = (text: string, more = ''): Promise<readonly string[]> => found(`search=${encodeURIComponent(text)}${more}`);

    test('tell of each what a person looks for, with outside numbers masked', async () => {
      const { calls, next, searchedBackTo } = await page('search=mobile-1');
      expect([next, searchedBackTo]).toEqual([null, null]);
      expect(calls).toEqual([
        {
          source: 'pbx',
          id: 'mobile-1',
          callId: 'sip-7@pbx',
          answeredAt: at(1),
          usageSeconds: 61.2,
          billable: true,
          category: 'outbound',
          destination: 'Germany - Mobile',
          prefix: '4915',
          called: '+491511234****',
          calling: '+33140000001',
          user: 'anna@contoso.com',
          amount: '0.0427',
          currency: 'EUR',
          coverage: 'credit',
          poolSeconds: 0,
          unauthorised: null,
          generation: 0,
          revision: 7,
          recordedAt: '2026-03-03T11:02:00.000Z',
        },
      ]);
    });

    test('come newest first, page by page, each once, calls of one instant too', async () => {
      const twins = Array.from({ length: 7 }, (_, n): Call => ({ tenant: 'many', cdr_id: `twin-${n}`, answered_at: at(50) }));
      const others = Array.from({ length: 20 }, (_, n): Call => ({ tenant: 'many', cdr_id: `c-${n}`, answered_at: at(n + 40) }));
      await writeCalls(api, [...others, ...twins]);
      const seen: { id: string; answeredAt: string }[] = [];
      let cursor = '';
      for (let n = 0; n < 9; n += 1) {
        const { calls, next } = await page(`limit=3${cursor}`, 'many');
        seen.push(...calls);
        expect(next === null).toBe(n === 8);
        cursor = `&cursor=${next}`;
      }
      expect(new Set(seen.map(({ id }) => id)).size).toBe(27);
      const instants = seen.map(({ answeredAt }) => answeredAt);
      expect(instants).toEqual(instants.toSorted().toReversed());
    });

    test.each([
      ['category=international', ['usa']],
      ['coverage=pool', ['pooled']],
      ['unauthorised=true', ['usa']],
      ['billable=false', ['leg']],
      ['minAmount=0.50', ['usa']],
      ['minAmount=0.5000001', undefined],
      [`from=${at(4)}`, ['leg', 'pooled', 'inbound']],
      [`to=${at(2)}`, ['mobile-1']],
      [`from=${encodeURIComponent('2026-03-01T01:02:00+01:00')}&to=${at(4)}`, ['erased', 'usa']],
      ['category=outbound&coverage=credit&limit=1', ['erased']],
      ['billable=true&unauthorised=false', ['pooled', 'inbound', 'erased', 'mobile-1']],
    ])('are filtered by %s', async (query, ids) => {
      if (ids === undefined) expect((await call(api, 'GET', `/v1/tenants/acme/calls?${query}`)).status).toBe(400);
      else expect(await found(query)).toEqual(ids);
    });

    test('are found by ids, users and destinations, whatever the capitals', async () => {
      expect(await search('usa')).toEqual(['usa']);
      expect(await search('sip-7@pbx')).toEqual(['mobile-1']);
      expect(await search(' ANNA@contoso ')).toEqual(['inbound', 'mobile-1']);
      expect(await search('Zoë')).toEqual(['pooled']);
      expect(await search('mobile')).toEqual(['erased', 'mobile-1']);
      expect(await search('nobody')).toEqual([]);
      expect(await search('Germany', '&coverage=pool')).toEqual([]);
      expect(await search('usa', `&to=${at(1)}`)).toEqual([]);
    });

    test('are found by numbers as people write them', async () => {
      expect(await search('+1 (202) 55-5')).toEqual(['usa']);
      expect(await search('001202555')).toEqual(['usa']);
      expect(await search('202 555')).toEqual(['usa']);
      expect(await search('0140000001')).toEqual(['pooled', 'usa', 'mobile-1']);
      expect(await search('+0140')).toEqual([]);
      expect(await search('14')).toEqual([]);
    });

    test('give digits that are shown to nobody for the whole number only', async () => {
      expect(await search('+4915112345678')).toEqual(['mobile-1']);
      expect(await search('015112345678')).toEqual(['mobile-1']);
      expect(await search('+491511234')).toEqual(['mobile-1']);
      for (const guess of ['+4915112345', '+49151123456', '0012025550', '112345', '5678', '345678']) {
        expect([guess, await search(guess)]).toEqual([guess, []]);
      }
    });

    test('of whom the persons were erased are found by what is left', async () => {
      const [erased] = (await page('search=erased')).calls;
      expect([erased.called, erased.calling, erased.user]).toEqual([null, null, null]);
    });

    test('named by an id of digits are found beside numbers that hold them, once, however old', async () => {
      await writeCalls(api, [
        { tenant: 'many', cdr_id: '4915', answered_at: at(0) },
        { tenant: 'many', cdr_id: '4915', source: 'sbc', answered_at: at(60) },
      ]);
      const seen: unknown[] = [];
      let cursor = '';
      for (;;) {
        const { calls, next } = await page(`search=4915&limit=10${cursor}`, 'many');
        seen.push(...calls.map(({ source, id }) => `${source} ${id}`));
        if (next === null) break;
        cursor = `&cursor=${next}`;
      }
      expect(new Set(seen).size).toBe(seen.length);
      expect(seen).toContain('pbx 4915');
      expect(seen).toHaveLength(29);
    });

    test('are walked so far by one search, and by one filter, and the next page goes on there', async () => {
      const step = 5_000;
      for (let done = 0; done < MAX_OPENED + 50; done += step) {
        const calls = Array.from({ length: step }, (_, n): Call => {
          const answered_at = new Date(Date.UTC(2026, 2, 2) + done + n).toISOString();
          return {
            tenant: 'far',
            cdr_id: `far-${done + n}`,
            answered_at,
            parties: null,
            destination: done + n === 7 ? 'Nauru' : 'Peru',
          };
        });
        await writeCalls(api, calls);
      }
      const first = await page('search=nauru', 'far');
      expect(first.calls).toEqual([]);
      expect(first.searchedBackTo).toBe(new Date(Date.UTC(2026, 2, 2) + step).toISOString());
      const second = await page(`search=nauru&cursor=${first.next}`, 'far');
      expect([second.calls.map(({ id }) => id), second.next, second.searchedBackTo]).toEqual([['far-7'], null, null]);
      expect(MAX_WALKED).toBeGreaterThan(MAX_OPENED);
      const rare = await page('minAmount=99', 'far');
      expect(rare).toEqual({ calls: [], next: null, searchedBackTo: null });
      await waitsForNobody();
      const full = await page('search=peru&limit=2', 'far');
      expect([full.calls.map(({ id }) => id), full.searchedBackTo]).toEqual([['far-24999', 'far-24998'], null]);
    });

    test.each([
      'limit=0',
      'limit=201',
      'from=yesterday',
      'coverage=luck',
      'billable=maybe',
      'cursor=eyJ9',
      'search=%00',
      'page=2',
    ])('refuse %s', async (query) => {
      const answer = await call(api, 'GET', `/v1/tenants/acme/calls?${query}`);
      expect([answer.status, answer.body.code]).toEqual([400, 'parameter-invalid']);
    });

    test('of nobody are a problem', async () => {
      const answer = await call(api, 'GET', '/v1/tenants/nobody/calls');
      expect([answer.status, answer.body.code]).toEqual([404, 'account-not-open']);
    });
  });
}

callsOver('SQLite', async () => ({ url: undefined, drop: async () => undefined }));
if (postgres.url === undefined) {
  describe.skip(`calls over PostgreSQL (skipped: ${postgres.reason})`, () => test('pages', () => {}));
} else {
  const { url } = postgres;
  afterAll(() => postgres.stop());
  callsOver('PostgreSQL', () => createSchema(url));
}
