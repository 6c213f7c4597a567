// What `tollkeeper rebuild` understands: names in, the read models built anew.

import type { Command } from 'commander';
import { common, withTarget } from './command-parts.js';

export function addRebuild(program: Command): void {
  const command = program
    .command('rebuild [names...]')
    .description(
      "Builds read models anew from the ledger's events, all or those named, beside the live rows, and swaps: readers never see half a table, and no alert, recharge command or mail is sent again.",
    )
    .action((names: readonly string[], options) =>
      withTarget(options, async (target) => (await import('./rebuild.js')).rebuild(names, options, target)),
    );
  common(command, 'tollkeeper rebuild balance calls --data data');
}
