// Letters, read back from a real SMTP server's mailbox: what each kind of notice says, in each language, as text and HTML.

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { CAUSES, sqlitePlace, World, type Told } from './fixtures.js';
import { messageIdOf } from './mailer.js';
import { NotificationsRunner, type NotificationsOptions } from './notifications-runner.js';
import { MailServer, type Received } from './smtp-server.fixture.js';

const EXPECTED_EN: Readonly<Record<string, readonly [subject: string, text: string]>> = {
  'recharge-succeeded': [
    'Recharge of €1,250.50 for acme succeeded',
    'The automatic recharge of €1,250.50 was paid and added to the balance, which is now €1,260.50.',
  ],
  'recharge-failed': ['Recharge of €50.00 for acme failed', 'was not paid: the card has expired (expired-card).'],
  'auto-recharge-suspended': ['Automatic recharge for acme is suspended', 'a payment failed for good: odd-<code>.'],
  'authentication-required': [
    'Please authenticate the payment of €50.00 for acme',
    'Please do so until 4 March 2026 at 12:00 UTC',
  ],
  'balance-zero': ['The balance of acme has reached zero', 'The balance is -€0.0201.'],
  'pool-80': [
    '80 % of the included domestic minutes of acme are used',
    '96 of 120 domestic minutes of the plan calling-plan-120 FR are used in March 2026.',
  ],
  'pool-100': ['The included domestic minutes of acme are used up', '120 of 120 domestic minutes'],
  'lot-about-to-expire': [
    '€7.50 of the credit of acme expire on 1 April 2026',
    '€7.50 of the credit bought as INV-7 are not used yet and expire on 1 April 2026 at 08:30 UTC.',
  ],
  burst: ['Unusual spending of acme', '€6.25 were spent in the hour that began on 3 March 2026 at 12:00 UTC'],
};

const EXPECTED_FR: Readonly<Record<string, readonly [subject: string, text: string]>> = {
  'recharge-succeeded': [
    'Recharge de 1 250,50 € pour acme : paiement réussi',
    'La recharge automatique de 1 250,50 € a été payée et ajoutée au solde, qui est maintenant de 1 260,50 €.',
  ],
  'recharge-failed': [
    'Recharge de 50,00 € pour acme : échec du paiement',
    'n’a pas été payée : la carte a expiré (expired-card).',
  ],
  'auto-recharge-suspended': ['La recharge automatique de acme est suspendue', 'a définitivement échoué : odd-<code>.'],
  'authentication-required': ['Veuillez authentifier le paiement de 50,00 € pour acme', 'jusqu’au 4 mars 2026 à 12:00 UTC'],
  'balance-zero': ['Le solde de acme est épuisé', 'Le solde est de -0,0201 €.'],
  'pool-80': [
    '80 % des minutes nationales incluses de acme sont utilisées',
    'En mars 2026, 96 des 120 minutes nationales du forfait calling-plan-120 FR sont utilisées.',
  ],
  'pool-100': ['Les minutes nationales incluses de acme sont épuisées', '120 des 120 minutes nationales'],
  'lot-about-to-expire': [
    'Crédit de acme : 7,50 € expirent le 1 avril 2026',
    '7,50 € du crédit acheté sous INV-7 ne sont pas encore utilisés et expirent le 1 avril 2026 à 08:30 UTC.',
  ],
  burst: ['Dépenses inhabituelles de acme', '6,25 € ont été dépensés dans l’heure commencée le 3 mars 2026 à 12:00 UTC'],
};

const BOUGHT: Told = { type: 'CreditPurchased.v1', amount: '10', balance: '10', origin: { kind: 'invoice', reference: 'INV-1' } };

/** Typography: French figures hold narrow and unbreakable blanks. */
const plain = (text: string | undefined): string => (text ?? '').replaceAll(/[\u00a0\u202f]/g, ' ');
const unwrapped = (text: string | undefined): string => plain(text).replaceAll(/\s+/g, ' ');

let world: World;
let server: MailServer;
let runner: NotificationsRunner | undefined;

beforeEach(async () => {
  world = await World.begin(sqlitePlace);
  server = await MailServer.open();
});
afterEach(async () => {
  await server.down();
  await runner?.beforeApplicationShutdown();
  await world.end();
});

async function sendAll(change: Partial<NotificationsOptions> = {}): Promise<void> {
  runner = new NotificationsRunner(world.options({ mail: world.mailTo(server.url), ...change }));
  await world.follow(runner.projector);
  await runner.mails?.sendDue();
}

describe.each([
  ['en', EXPECTED_EN],
  ['fr', EXPECTED_FR],
] as const)('in %s', (language, expected) => {
  test.each(CAUSES)('%s', async (kind, told) => {
    await world.tell('acme', BOUGHT);
    await world.tellRecipients('acme', { addresses: ['ops@acme.example', 'cfo@acme.example'], language });
    await world.tell('acme', ...told);
    const authenticationUrl = 'https://pay.example/authenticate?tenant={tenant}&recharge={rechargeId}';
    await sendAll({ authenticationUrl });
    const mail = server.received.find(({ messageId }) => messageId === messageIdFor(kind)) as Received;
    const [subject, text] = expected[kind] ?? ['', ''];
    expect(plain(mail.subject)).toBe(subject);
    expect(unwrapped(mail.text)).toContain(text);
    expect(unwrapped(mail.html).replaceAll('&lt;', '<').replaceAll('&gt;', '>')).toContain(text);
    expect(mail.html).toContain(`<html lang="${language}">`);
    expect(mail.html).not.toMatch(/<code>|<1>/);
    expect(mail.recipients).toEqual(['ops@acme.example', 'cfo@acme.example']);
    expect(mail.from?.address).toBe('billing@carrier.example');
    expect(mail.headers.find(({ key }) => key === 'auto-submitted')?.value).toBe('auto-generated');
    if (kind === 'authentication-required') {
      const link = 'https://pay.example/authenticate?tenant=acme&recharge=a%26b%20c';
      expect(mail.text).toContain(link);
      expect(mail.html).toContain(`href="${link.replaceAll('&', '&amp;')}"`);
    }
    expect((await world.notices()).map(({ mail_status }) => mail_status)).toEqual(server.received.map(() => 'sent'));
  });
});

function messageIdFor(kind: string): string {
  const cause = {
    'recharge-succeeded': 'acme.3',
    'recharge-failed': 'acme.4',
    'auto-recharge-suspended': 'acme.5',
    'authentication-required': 'a%26b%20c:1',
    'balance-zero': '3',
    'pool-80': '2026-03:domestic:calling-plan-120%20FR',
    'pool-100': '2026-03:domestic:calling-plan-120%20FR',
    'lot-about-to-expire': 'INV-7',
    burst: '2026-03-03T12%3A00%3A00.000Z',
  }[kind];
  return messageIdOf(`${kind}:acme:${cause}`, 'billing@carrier.example');
}

test('amounts are exact, whatever their size, and have the decimals of their currency', async () => {
  await world.tell('acme', { ...BOUGHT, balance: '999999999999.123457' });
  await world.tellRecipients('acme', { addresses: ['ops@acme.example'], language: 'en' });
  await world.tell('acme', {
    type: 'LotExpiryWarned.v1',
    amount: '999999999999.123457',
    lotId: 'l',
    expiresAt: '2026-04-01T00:00:00.000Z',
  });
  await sendAll();
  expect(server.received[0]?.subject).toContain('€999,999,999,999.123457');
});
