// Simulation on demand: a seed and a number of steps come in; seed after seed is run, and the first that fails is named.

import { parseArgs } from 'node:util';
import { simulate } from './simulation.js';

const HELP = `Simulation: the workers on engines in memory, through crashes and faults, judged by the crash test's oracle.

  npm run simulation -- [--seed S] [--steps N] [--runs N]

  --seed S    the first run's seed (default: of the clock); the others count on from there
  --steps N   calls between workers and engines in each run before its troubles end (default 20000)
  --runs N    how many runs (default 10)
`;
const MAX_FINDINGS_SHOWN = 20;

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    steps: { type: 'string', default: '20000' },
    runs: { type: 'string', default: '10' },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) process.stdout.write(HELP);
else process.exit(await runAll(Number(values.seed), Number(values.steps), Number(values.runs)));

async function runAll(firstSeed: number, steps: number, runs: number): Promise<number> {
  for (let seed = firstSeed; seed < firstSeed + runs; seed += 1) {
    const { findings, setAside, distinctCdrs, redeliveries, crashes, faults } = await simulate(seed, steps);
    const wrong = [...findings.map(({ kind, what }) => `${kind}: ${what}`), ...setAside.map((what) => `set aside: ${what}`)];
    for (const line of wrong.slice(0, MAX_FINDINGS_SHOWN)) process.stdout.write(`${line}\n`);
    const load = `${distinctCdrs} distinct CDRs, ${redeliveries} redeliveries, ${crashes} crashes, ${faults} faults`;
    process.stdout.write(`simulation: seed ${seed}, ${wrong.length} findings — ${load}\n`);
    if (wrong.length === 0) continue;
    process.stdout.write(`Repeat it with: npm run simulation -- --seed ${seed} --steps ${steps} --runs 1\n`);
    return 1;
  }
  return 0;
}
