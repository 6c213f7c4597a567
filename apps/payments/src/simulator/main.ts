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
  --help            prints this

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
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return 'help';
  const port = Number(values.port);
  if (!/^\d+$/.test(values.port ?? '') || port > 65_535) throw new Error('--port takes a number from 0 to 65535.');
  const behaviours = values.behaviours.split(',').map(asBehaviour);
  return { port, host: values.host, behaviours, ...(values.data === undefined ? {} : { file: values.data }) };
}

function asBehaviour(text: string): Behaviour {
  if (isBehaviour(text)) return text;
  throw new Error(`"${text}" is no behaviour; take some of ${BEHAVIOURS.join(', ')}.`);
}
