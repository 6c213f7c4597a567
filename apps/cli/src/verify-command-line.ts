// What `tollkeeper verify` understands: arguments in, the proof run.

import type { Command } from 'commander';
import { instant } from './arguments.js';
import { common, withEngines } from './command-parts.js';

export function addVerify(program: Command): void {
  const verify = program
    .command('verify')
    .description('Checks the ledger against itself, its decks, its read models and the gateway: each line tells how many differ.')
    .option('--tenant <name>', 'of this tenant only')
    .option('--only <checks>', 'these lines only, with commas, such as hash-chain,balances')
    .option('--checkpoint <file>', 'the history must still be the one of this checkpoint')
    .option('--save-checkpoint <file>', 'keep where each stream ends now, for --checkpoint later')
    .enablePositionalOptions()
    .action((options) => withEngines(options, async (engines) => (await import('./verify.js')).verify(options, engines)));
  common(verify, 'tollkeeper verify --data data --save-checkpoint /mnt/elsewhere/2026-11-25.checkpoint');
  const command = verify
    .command('charges')
    .description('Rates every debit again from its stored facts and its deck version, and tells how many differ.')
    .option('--from <instant>', 'calls answered from then on', instant)
    .option('--to <instant>', 'and before then', instant)
    .option('--tenant <name>', 'of this tenant only')
    .action(({ from: fromMs, to: toMs, ...options }) =>
      withEngines(options, async (engines) => {
        const period = { ...(fromMs === undefined ? {} : { fromMs }), ...(toMs === undefined ? {} : { toMs }) };
        await (await import('./verify-charges.js')).runVerifyCharges({ ...options, ...period }, engines);
      }),
    );
  common(command, 'tollkeeper verify charges --from 2026-11-01 --to 2026-12-01');
}
