// Bench, while it runs: what is being measured, on stderr, so that stdout holds the table alone.
export function progress(text) {
    process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${text}\n`);
}
