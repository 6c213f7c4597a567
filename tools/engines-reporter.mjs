// Jest's last words: which real engines the tests ran on, and which suites were skipped for want of one.

const ENGINES = [
  ['Kafka', 'KAFKA_BROKERS'],
  ['PostgreSQL', 'DATABASE_URL'],
  ['KurrentDB', 'KURRENTDB_URL'],
];
/** A suite that needs an engine says so in its name: `Kafka (skipped: no KAFKA_BROKERS)`. */
const SKIPPED = /\(skipped: [^)]*\)/;

export default class EnginesReporter {
  onRunComplete(_, { testResults, numPassedTests, numFailedTests, numPendingTests }) {
    const used = ENGINES.filter(([, variable]) => process.env[variable]).map(([name]) => name);
    const suites = testResults.flatMap(({ testResults: tests }) => tests.map(({ ancestorTitles }) => ancestorTitles[0] ?? ''));
    const skipped = [...new Set(suites.filter((suite) => SKIPPED.test(suite)))];
    const lines = [
      '',
      `Engines used: ${['memory', 'SQLite', ...used].join(', ')}`,
      ...(skipped.length === 0 ? ['Engines skipped: none'] : ['Engines skipped:', ...skipped.map((suite) => `  ${suite}`)]),
      `${numPassedTests} passed, ${numFailedTests} failed, ${numPendingTests} skipped`,
    ];
    // At exit, so that they stand below Jest's own summary.
    process.once('exit', () => process.stderr.write(`${lines.join('\n')}\n`));
  }
}
