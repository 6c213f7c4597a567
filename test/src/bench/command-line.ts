// Bench, its command line: arguments come in; what to measure goes out, or what is wrong with them.

export const PARTS = [
  'B1',
  'B2',
  'B3',
  'B4',
  'E1',
  'E2',
  'latency',
  'memory',
  'authorise',
  'crowd',
  'rebuild',
  'rating',
  'accounts',
  'as-of',
  'report',
  'verify',
  'overview',
  'costs',
] as const;
export type Part = (typeof PARTS)[number];

export type BenchOptions = { readonly quick: boolean; readonly out: string | undefined; readonly parts: ReadonlySet<Part> };

const USAGE = `Usage: npm run bench -- [--quick] [--out FILE.json] [--only ${PARTS.join(',')}]
  --quick  the short form, under 90 s and without CPU profiles
  --out    also writes the figures as JSON
  --only   measures these; a ratio needs its baseline beside it, B4 and rebuild bring E1 along
KAFKA_BROKERS, DATABASE_URL and KURRENTDB_URL name the engines. Without KURRENTDB_URL events stand in SQLite; without one of
the others only E2, rating, accounts, as-of, report, verify and overview are measured.`;

/** Ends the process on --help and on arguments that cannot be understood. */
export function parseCommandLine(args: readonly string[]): BenchOptions {
  let quick = false;
  let out: string | undefined;
  let only: readonly string[] | undefined;
  const waiting = args.values();
  for (const arg of waiting) {
    if (arg === '--quick') quick = true;
    else if (arg === '--out') out = waiting.next().value ?? refuse('--out needs a file');
    else if (arg === '--only') only = (waiting.next().value ?? refuse('--only needs names')).split(',');
    else if (arg === '--help') end(USAGE, 0);
    else refuse(`unknown argument ${arg}`);
  }
  const unknown = only?.filter((name) => !PARTS.includes(name as Part)) ?? [];
  if (unknown.length > 0) refuse(`--only does not know ${unknown.join(', ')}`);
  const parts = new Set((only ?? PARTS.filter((part) => !(quick && part === 'costs'))) as readonly Part[]);
  if (parts.has('B4') || parts.has('rebuild')) parts.add('E1');
  return { quick, out, parts };
}

function refuse(fault: string): never {
  return end(`bench: ${fault}\n${USAGE}`, 2);
}

function end(text: string, code: number): never {
  process.stderr.write(`${text}\n`);
  process.exit(code);
}
