// What a command prints: tables and JSON on stdout, progress on stderr.

/** Money is bigint inside; none may reach JSON as anything but decimal text. */
export function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
}

/** Columns as wide as their widest cell; figures stand to the right. */
export function tableOf(headings: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const widths = headings.map((heading, column) =>
    Math.max(heading.length, ...rows.map((row) => String(row[column] ?? '').length)),
  );
  const line = (cells: readonly (string | number)[]): string =>
    cells
      .map((cell, column) => {
        const width = widths[column] ?? 0;
        return typeof cell === 'number' || /^-?\d+(\.\d+)?$/.test(cell) ? String(cell).padStart(width) : cell.padEnd(width);
      })
      .join('  ')
      .trimEnd();
  return [line(headings), ...rows.map(line)].join('\n');
}

const EVERY_MS = 1_000;

/** Count and rate, in one line on a terminal, overwritten; elsewhere a line now and then. */
export class Progress {
  #count = 0;
  readonly #startedAt = performance.now();
  #shownAt = this.#startedAt;

  constructor(private readonly what: string) {}

  add(count = 1): void {
    this.#count += count;
    const now = performance.now();
    if (now - this.#shownAt < EVERY_MS) return;
    this.#shownAt = now;
    const perSecond = Math.round((this.#count * 1_000) / (now - this.#startedAt));
    const line = `${this.#count} ${this.what}, ${perSecond}/s`;
    process.stderr.write(process.stderr.isTTY ? `\r\u001b[K${line}` : `${line}\n`);
  }

  end(): void {
    if (process.stderr.isTTY) process.stderr.write('\r\u001b[K');
  }
}

/** Of one work: how many so far, and which share of the whole that is, where it is known. */
export class ShareProgress {
  #shownAt = performance.now();

  constructor(private readonly what: string) {}

  show(count: number, share: number | null): void {
    if (performance.now() - this.#shownAt < EVERY_MS) return;
    this.#shownAt = performance.now();
    const percent = share === null ? '' : `, ${Math.min(100, Math.round(share * 100))} %`;
    const line = `${count} ${this.what}${percent}`;
    process.stderr.write(process.stderr.isTTY ? `\r\u001b[K${line}` : `${line}\n`);
  }

  end(): void {
    if (process.stderr.isTTY) process.stderr.write('\r\u001b[K');
  }
}
