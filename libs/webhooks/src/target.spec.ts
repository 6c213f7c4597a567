// Webhooks' wall: URLs and addresses that a subscriber may name, and those that lead into this machine's own network.

import { describe, expect, test } from '@jest/globals';
import { isPrivateAddress, judgeUrl, publicLookup } from './target.js';

describe('addresses', () => {
  test.each([
    '0.0.0.0',
    '10.1.2.3',
    '100.64.0.1',
    '127.0.0.1',
    '127.255.255.254',
    '169.254.169.254',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '198.18.0.1',
    '224.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '::ffff:127.0.0.1',
    '::ffff:7f00:1',
    '64:ff9b::7f00:1',
    'fc00::1',
    'fd12:3456::1',
    'fe80::1',
    'ff02::1',
    '2001:db8::1',
    '2002:7f00:1::',
  ])('%s is private', (address) => {
    expect(isPrivateAddress(address)).toBe(true);
  });

  test.each([
    '1.1.1.1',
    '100.63.255.255',
    '128.0.0.1',
    '172.15.0.1',
    '172.32.0.1',
    '193.0.0.1',
    '2606:4700::1111',
    '2a00:1450::1',
  ])('%s is public', (address) => {
    expect(isPrivateAddress(address)).toBe(false);
  });
});

describe('URLs', () => {
  test.each([
    ['nothing', 'webhook-url-invalid'],
    ['/path', 'webhook-url-invalid'],
    ['ftp://hooks.example', 'webhook-url-invalid'],
    ['https://user:password@hooks.example', 'webhook-url-invalid'],
    ['https://hooks.example/#part', 'webhook-url-invalid'],
    [`https://hooks.example/${'x'.repeat(2_048)}`, 'webhook-url-invalid'],
    ['http://hooks.example/', 'webhook-url-not-https'],
    ['https://127.0.0.1/', 'webhook-url-private'],
    ['https://2130706433/', 'webhook-url-private'],
    ['https://0x7f.1/', 'webhook-url-private'],
    ['https://[::ffff:10.0.0.1]/', 'webhook-url-private'],
    ['https://localhost/', 'webhook-url-private'],
    ['https://api.localhost/', 'webhook-url-private'],
    ['https://postgres/', 'webhook-url-private'],
    ['https://metadata.google.internal./', 'webhook-url-private'],
  ])('%s is refused', (url, code) => {
    expect(judgeUrl(url, false)).toMatchObject({ code });
  });

  test('a public https URL is taken, with its port and query', () => {
    expect(String(judgeUrl('https://hooks.example:8443/a?token=1', false))).toBe('https://hooks.example:8443/a?token=1');
  });

  test('private ones are taken where that is allowed', () => {
    expect(judgeUrl('http://127.0.0.1:8080/', true)).toBeInstanceOf(URL);
    expect(judgeUrl('ftp://127.0.0.1/', true)).toMatchObject({ code: 'webhook-url-invalid' });
  });
});

describe('the lookup of a connection', () => {
  const lookUp = (hostname: string, all: boolean) =>
    new Promise<{ readonly code: string | undefined; readonly found: unknown }>((resolve) => {
      publicLookup(hostname, { all }, (error, found) => resolve({ code: error?.code, found }));
    });

  test.each([true, false])('finds no address for a name that leads to this machine (all: %s)', async (all) => {
    expect(await lookUp('localhost', all)).toEqual({ code: 'EPRIVATE', found: all ? [] : '' });
  });

  test.each([true, false])('leaves public addresses as they are (all: %s)', async (all) => {
    const { code, found } = await lookUp('1.1.1.1', all);
    expect(code).toBeUndefined();
    expect(found).toEqual(all ? [{ address: '1.1.1.1', family: 4 }] : '1.1.1.1');
  });
});
