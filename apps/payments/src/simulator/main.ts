// Payment step's gateway simulator as a program: flags come in, an HTTP server runs until it is told to end.

import { parseArgs } from 'node:util';
import { BEHAVIOURS, isBehaviour, type Behaviour } from './behaviours.js';
import { startSimulator, type SimulatorOptions } from './simulator.js';

const HELP = `Payment gateway simulator: takes payments over HTTP and fails on demand.

  node apps/payments/dist/simulator/main.js --port N [--host 127.0.0.1] [--data FILE] [--behaviours A,B,…]

  --port N          port to listen on; 0 takes a free one and prints it
  --host HOST       address to listen on (default 127.0.0.1)
  --data FILE       keeps payments and behaviours there, so that a restart goes on where it ended
  --behaviours A,B  what a tenant's first, second, … payment meets; the last one repeats (default success,
                    or SIMULATOR_BEHAVIOURS); PUT /v1/behaviours/TENANT changes it for one tenant
  --webhook-url URL hears of payments over Stripe's API that have come to an end, signed with STRIPE_WEBHOOK_SECRET
  --help            prints this

Stripe's API is answered under the key STRIPE_SECRET_KEY, or under any test key when that is not set. A payment that needs
authentication is paid by POST /v1/authentications/KEY, or with the page there.

Behaviours: ${BEHAVIOURS.join(', ')}
`;

const options = readOptions();
if (options === 'help') process.stdout.write(HELP);
else await run(options);

async function run(settings: SimulatorOptions): Promise<void> {
  const simulator = await startSimulator(settings);
  process.stdout.write(`Payment gateway simulator listens on ${simulator.url}\n`);
  const end = (): void => void simulator.close();
  process.once('SIGTERM', end).once('SIGINT', end);
}

function readOptions(): SimulatorOptions | 'help' {
  try {
    return parseOptions();
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\nSee --help.\n`);
    return process.exit(2);
  }
}

function parseOptions(): SimulatorOptions | 'help' {
  const { values } = parseArgs({
    options: {
      port: { type: 'string' },
      host: { type: 'string', default: '127.0.0.1' },
      data: { type: 'string' },
      behaviours: { type: 'string', default: process.env['SIMULATOR_BEHAVIOURS'] ?? 'success' },
      'webhook-url': { type: 'string', default: process.env['SIMULATOR_WEBHOOK_URL'] ?? '' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return 'help';
  const port = Number(values.port);
  if (!/^\d+$/.test(values.port ?? '') || port > 65_535) throw new Error('--port takes a number from 0 to 65535.');
  const behaviours = values.behaviours.split(',').map(asBehaviour);
  // Secrets come by the environment alone: flags are shown by every list of processes.
  const stripeKey = process.env['STRIPE_SECRET_KEY'] || undefined;
  const webhook = webhookOf(values['webhook-url'], process.env['STRIPE_WEBHOOK_SECRET']);
  return {
    port,
    host: values.host,
    behaviours,
    ...(values.data === undefined ? {} : { file: values.data }),
    ...(stripeKey === undefined ? {} : { stripeKey }),
    ...(webhook === undefined ? {} : { webhook }),
  };
}

function webhookOf(url: string, secret: string | undefined): SimulatorOptions['webhook'] {
  if (url === '') return undefined;
  if (!URL.canParse(url)) throw new Error('--webhook-url takes a URL.');
  if (!secret) throw new Error('--webhook-url needs STRIPE_WEBHOOK_SECRET in the environment.');
  return { url, secret };
}

function asBehaviour(text: string): Behaviour {
  if (isBehaviour(text)) return text;
  throw new Error(`"${text}" is no behaviour; take some of ${BEHAVIOURS.join(', ')}.`);
}
