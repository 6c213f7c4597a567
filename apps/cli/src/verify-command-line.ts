// What `tollkeeper verify` understands: arguments in, the proof run.

import type { Command } from 'commander';
import { instant } from './arguments.js';
import { common, withEngines } from './command-parts.js';

export function addVerify(program: Command): void {
  const verify = program.command('verify').description('Proof that what stands in the ledger is right.').exitOverride();
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
