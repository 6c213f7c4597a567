// Jest runs the compiled output as it is; source maps lead failures back to the TypeScript.
export default {
  // The console's `dist` is the page that a browser loads; what the compiler makes of it stands beside.
  testMatch: ['<rootDir>/{apps,libs}/*/{,compiled/}dist/**/*.spec.js', '<rootDir>/test/dist/**/*.spec.js'],
  transform: {},
  testEnvironment: 'node',
  testTimeout: 60_000,
  // Jest leaves a core to whoever sits before it. Suites on one KurrentDB share its rate decks, and run one after the other.
  maxWorkers: process.env.KURRENTDB_URL ? 1 : '100%',
  // A client of a real engine may keep a timer beyond its tests; a pipeline must not wait for it.
  forceExit: true,
  modulePathIgnorePatterns: ['<rootDir>/.nx/'],
  reporters: ['default', '<rootDir>/tools/engines-reporter.mjs'],
};
