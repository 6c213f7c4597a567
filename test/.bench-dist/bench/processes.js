// Bench, its processes: a file of this folder or a process id comes in; a result, memory and CPU time go out.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
/** Runs a file of this folder in a process of its own, as programs run, and returns what it printed as JSON. */
export async function runApart(file, task, env = {}) {
    const path = new URL(file, import.meta.url).pathname;
    const child = spawn(process.execPath, [path, JSON.stringify(task)], {
        env: { ...process.env, ...env },
        stdio: ['ignore', 'pipe', 'inherit'],
    });
    let printed = '';
    child.stdout.setEncoding('utf8').on('data', (text) => (printed += text));
    const code = await new Promise((resolve, reject) => child.once('error', reject).once('close', resolve));
    if (code !== 0)
        throw new Error(`${file} ended with ${code}; what it was to do: ${JSON.stringify(task)}`);
    return JSON.parse(printed);
}
/** In the process that `runApart` started: its task, and its answer. */
export async function answerApart(work) {
    const result = await work(JSON.parse(process.argv[2] ?? ''));
    await new Promise((resolve) => process.stdout.write(JSON.stringify(result), resolve));
    process.exit(0);
}
export function memoryOf(pid) {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const mib = (field) => Math.round(Number(new RegExp(`${field}:\\s+(\\d+) kB`).exec(status)?.[1]) / 1024);
    return { rssMiB: mib('VmRSS'), peakRssMiB: mib('VmHWM') };
}
const MS_PER_TICK = 10;
/** CPU time of a process, user and system, with all its threads. */
export function cpuMsOf(pid) {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
        .replace(/^.*\) /, '')
        .split(' ');
    return (Number(fields[11]) + Number(fields[12])) * MS_PER_TICK;
}
/** CPU time of the whole machine, idle and waiting left out. */
export function cpuMsOfMachine() {
    const [, ...ticks] = (readFileSync('/proc/stat', 'utf8').split('\n', 1)[0] ?? '').split(/\s+/).map(Number);
    const busy = ticks.slice(0, 8).reduce((sum, count, at) => (at === 3 || at === 4 ? sum : sum + count), 0);
    return busy * MS_PER_TICK;
}
