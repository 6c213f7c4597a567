// Jest's last words: which real engines the tests ran on, and which suites were skipped for want of one.

import { writeSync } from 'node:fs';

const STDERR = 2;
const ENGINES = [
  ['Kafka', 'KAFKA_BROKERS'],
  ['PostgreSQL', 'DATABASE_URL'],
  ['KurrentDB', 'KURRENTDB_URL'],
];
/** Programs of others that check what is exported or shown: used where a suite of that name ran, and named by it where it could not. */
const TOOLS = ['hledger', 'beancount', 'LibreOffice', 'Chromium'];
/** A suite that needs an engine says so in its name: `Kafka (skipped: no KAFKA_BROKERS)`. */
const SKIPPED = /\(skipped: [^)]*\)/;

export default class EnginesReporter {
  onRunComplete(_, { testResults, numPassedTests, numFailedTests, numPendingTests }) {
    const used = ENGINES.filter(([, variable]) => process.env[variable]).map(([name]) => name);
    const suites = testResults.flatMap(({ testResults: tests }) => tests.map(({ ancestorTitles }) => ancestorTitles[0] ?? ''));
    used.push(...TOOLS.filter((tool) => suites.includes(tool)));
    const named = [...new Set(suites.filter((suite) => SKIPPED.test(suite)))];
    // A run of a few files may hold no suite that could name what it went without; a container that was started is none of these.
    const unnamed = ENGINES.filter(([name]) => !used.includes(name) && !suites.some((suite) => suite.includes(name)));
    const skipped = [...named, ...unnamed.map(([name, variable]) => `${name} (no ${variable})`)];
    const lines = [
      '',
      `Engines used: ${['memory', 'SQLite', ...used].join(', ')}`,
      ...(skipped.length === 0 ? ['Engines skipped: none'] : ['Engines skipped:', ...skipped.map((suite) => `  ${suite}`)]),
      `${numPassedTests} passed, ${numFailedTests} failed, ${numPendingTests} skipped`,
    ];
    // At exit, so that they stand below Jest's own summary; Jest has silenced the streams by then.
    process.once('exit', () => writeSync(STDERR, `${lines.join('\n')}\n`));
  }
}
