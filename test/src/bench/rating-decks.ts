// Bench, rate decks of the size and shape that carriers publish: a number of rows comes in, CSV goes out, the same every time.

/** Mulberry32: numbers in [0, 1), the same for the same seed. */
export function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const COUNTRIES = 220;

/** Countries of two or three digits, below them areas and blocks of numbers, as in an A–Z sheet. */
export function carrierSheet(rows: number): string {
  const random = randomOf(rows);
  const prefixes = new Set<string>();
  for (let country = 0; country < COUNTRIES && prefixes.size < rows; country += 1) {
    const code = String(20 + Math.floor((country * 970) / COUNTRIES));
    prefixes.add(code);
  }
  const countries = [...prefixes];
  while (prefixes.size < rows) {
    // A few countries have most of the blocks.
    const country = countries[Math.floor(random() ** 3 * countries.length)] ?? '';
    const digits = 2 + Math.floor(random() * 5);
    prefixes.add(country + String(Math.floor(random() * 10 ** digits)).padStart(digits, '0'));
  }
  const lines = [...prefixes].map(
    (prefix) => `${prefix},Destination ${prefix.slice(0, 4)},0.${String(100 + ((prefix.length * 37) % 400))}`,
  );
  return ['prefix,destination,rate', ...lines, ''].join('\n');
}

/** Each prefix with a day, an evening and a weekend rate in a zone with daylight saving, a tier in each after five minutes. */
export function windowedSheet(): string {
  const header = 'prefix,destination,rate,increment,tierStart,days,from,to,timezone,weight,connectFee';
  const rows = prefixesOf(carrierSheet(1_000)).flatMap((prefix) =>
    ['mon-fri,08:00:00,18:00:00', 'mon-fri,00:00:00,08:00:00', 'mon-fri,18:00:00,24:00:00', 'sat-sun,00:00:00,24:00:00'].flatMap(
      (window, at) => [
        `${prefix},Destination ${prefix},0.${30 - at},60,0,${window},Europe/Paris,0,0.05`,
        `${prefix},Destination ${prefix},0.${20 - at},1,300,${window},Europe/Paris,0,0.05`,
      ],
    ),
  );
  return [header, ...rows, ''].join('\n');
}

/** Of a sheet of either layout; each once. */
export function prefixesOf(text: string): readonly string[] {
  const [header = '', ...rows] = text.trimEnd().split('\n');
  const column = header
    .toLowerCase()
    .split(',')
    .map((name) => name.trim())
    .indexOf('prefix');
  return [...new Set(rows.map((row) => fieldOf(row, column)))];
}

function fieldOf(row: string, column: number): string {
  return row.includes('"')
    ? (row.match(/("(?:[^"]|"")*"|[^,]*)(?:,|$)/g)?.[column] ?? '').replace(/,$/, '')
    : (row.split(',')[column] ?? '').trim();
}
