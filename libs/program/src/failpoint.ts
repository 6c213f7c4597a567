// Crash tests: the name of a place in the code comes in; when the environment names it, the process dies there.

/** `FAILPOINT=name` dies the first time, `FAILPOINT=name:3` the third. Read once, so that an unarmed place costs nothing. */
const armed = parse(process.env['FAILPOINT']);
let passes = 0;

/** SIGKILL: no handler runs, nothing is flushed, as in a power cut or by the kernel's out-of-memory killer. */
export function failpoint(name: string): void {
  if (armed === undefined || armed.name !== name) return;
  passes += 1;
  if (passes === armed.pass) process.kill(process.pid, 'SIGKILL');
}

function parse(text: string | undefined): { readonly name: string; readonly pass: number } | undefined {
  if (!text) return undefined;
  const { name, pass = '1' } = /^(?<name>[^:]+)(?::(?<pass>[1-9]\d*))?$/.exec(text)?.groups ?? {};
  if (name === undefined) throw new Error(`FAILPOINT must be NAME or NAME:N with N from 1, not ${text}`);
  return { name, pass: Number(pass) };
}
