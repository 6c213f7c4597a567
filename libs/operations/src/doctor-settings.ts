// What the doctor sees in the environment: settings that are missing, that cannot be read, or that look like a slip of the pen.

import { isCurrency, parseMicros } from '@tollkeeper/money';
import { fault, ok, warning, type Check, type Finding } from './doctor.js';
import { readSourcesFile } from './sources-file.js';

/** Of all programs. */
export const SETTINGS: readonly string[] = `
  KAFKA_BROKERS KURRENTDB_URL DATABASE_URL SEALING_MASTER_KEY SOURCES_FILE UNRATED_CALLS CONSUMER_GROUP RATING_CONSUMER_GROUP CDR_TOPIC DEAD_LETTER_TOPIC
  PARKED_TOPIC BALANCE_TOPIC ALERT_TOPIC RECHARGE_COMMAND_TOPIC SNAPSHOT_DIR MAX_CACHED_ACCOUNTS HEALTH_HOST HEALTH_PORT API_HOST API_PORT
  OPERATOR_TOKEN MINIMUM_PURCHASE EXPIRY_SWEEP_MS SWEEP_INTERVAL_MS WEBHOOK_ALLOW_PRIVATE WEBHOOK_HOST WEBHOOK_PORT WEBHOOK_TIMEOUT_MS
  PAYMENT_GATEWAY PAYMENT_GATEWAY_URL GATEWAY_TIMEOUT_MS STRIPE_API_URL STRIPE_CUSTOMERS_FILE STRIPE_SECRET_KEY STRIPE_WEBHOOK_SECRET
  AUTHENTICATION_URL SMTP_URL MAIL_FROM NOTICE_MAX_AGE_HOURS REBUILD LOG_LEVEL
`
  .trim()
  .split(/\s+/);

const KEY_BYTES = 32;

type Environment = Readonly<Record<string, string | undefined>>;

export function settingsAreGood(env: Environment): Check {
  return {
    about: 'settings',
    look: async () => {
      const findings = [...slips(env), ...secretsOf(env), ...readable(env)];
      return findings.length > 0 ? findings : [ok('settings', 'nothing is missing or looks mistaken')];
    },
  };
}

function secretsOf(env: Environment): readonly Finding[] {
  const findings: Finding[] = [];
  const key = env['SEALING_MASTER_KEY'];
  const make = '`openssl rand -base64 32` makes one; keep it apart from the key store and its backups';
  if (!key) findings.push(warning('SEALING_MASTER_KEY', 'is not set: keys lie in the key store as they are', make));
  else if (Buffer.from(key, 'base64').length !== KEY_BYTES)
    findings.push(fault('SEALING_MASTER_KEY', 'is not 32 bytes in base64', make));
  if (!env['OPERATOR_TOKEN'])
    findings.push(
      warning(
        'OPERATOR_TOKEN',
        'is not set: whoever reaches the API may give and take credit',
        'set it for the API and for the command line',
      ),
    );
  return findings;
}

function readable(env: Environment): readonly Finding[] {
  const findings: Finding[] = [];
  const minimum = env['MINIMUM_PURCHASE'];
  if (minimum && !minimum.split(',').every(isMinimum))
    findings.push(fault('MINIMUM_PURCHASE', `holds ${JSON.stringify(minimum)}`, 'write it such as EUR=20,USD=50'));
  const sources = env['SOURCES_FILE'];
  if (sources) {
    const { faults } = readSourcesFile(sources);
    for (const one of faults ?? [])
      findings.push(fault('SOURCES_FILE', one, 'correct the file: no CDR is understood without it'));
    if (faults === undefined) findings.push(ok('SOURCES_FILE', `${sources} can be read`));
  }
  return findings;
}

function isMinimum(text: string): boolean {
  const [currency = '', amount = '', ...rest] = text.split('=').map((side) => side.trim());
  return rest.length === 0 && isCurrency(currency) && parseMicros(amount) !== undefined;
}

/** Names that are none of ours and nearly one. */
function slips(env: Environment): readonly Finding[] {
  const known = new Set<string>(SETTINGS);
  return Object.keys(env)
    .filter((name) => !known.has(name) && name.length > 4)
    .flatMap((name) => {
      const near = SETTINGS.find((setting) => setting.length > 6 && isNear(name.toUpperCase(), setting));
      return near === undefined
        ? []
        : [warning(name, `is no setting, and looks like ${near}`, `rename it to ${near}, or ignore this`)];
    });
}

/** At most two letters put in, left out or changed. */
function isNear(name: string, setting: string): boolean {
  if (Math.abs(name.length - setting.length) > MAX_SLIPS) return false;
  let previous = Array.from({ length: setting.length + 1 }, (_, at) => at);
  for (let row = 1; row <= name.length; row += 1) {
    const current = [row];
    for (let at = 1; at <= setting.length; at += 1) {
      const change = (previous[at - 1] ?? 0) + (name[row - 1] === setting[at - 1] ? 0 : 1);
      current.push(Math.min(change, (previous[at] ?? 0) + 1, (current[at - 1] ?? 0) + 1));
    }
    previous = current;
  }
  return (previous.at(-1) ?? 0) <= MAX_SLIPS;
}

const MAX_SLIPS = 2;
