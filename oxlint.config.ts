// Lint rules, the walls between the layers among them: who may import what is an error here, not a custom.

type Wall = { ours: string[]; packages: string[]; node: string[] };

/** Domain code: plain functions over plain data. Nothing else of npm, of Node or of ours may be imported. */
const domain: Record<string, Wall> = {
  money: { ours: [], packages: ['decimal.js'], node: [] },
  charge: { ours: ['money'], packages: [], node: [] },
  rating: { ours: ['money', 'charge'], packages: ['libphonenumber-js', 'libphonenumber-js/min'], node: ['crypto'] },
  ledger: { ours: ['money', 'charge'], packages: [], node: ['crypto'] },
  projections: { ours: ['money', 'ledger'], packages: [], node: [] },
};

/** Adapters know a product and nothing of us. */
const adapters = ['event-store', 'message-bus', 'read-store', 'sealing', 'program', 'testing', 'workbook'];

const ledgerEngines = ['event-store', 'ledger', 'money', 'program', 'projections', 'read-store'];
const audited = [
  ...ledgerEngines,
  'charge',
  'decks',
  'message-bus',
  'payment-gateway',
  'people',
  'rating',
  'read-models',
  'sealing',
];

/** Joints: each joins a domain or a store to what several programs need of it. */
const joints: Record<string, string[]> = {
  decks: ['rating', 'event-store'],
  'payment-gateway': ['ledger', 'money'],
  people: ['ledger', 'sealing'],
  webhooks: ['read-store', 'sealing'],
  'read-models': ledgerEngines,
  audit: [...audited, 'workbook'],
  'usage-report': ['event-store', 'ledger', 'money', 'projections', 'rating', 'read-models', 'read-store', 'sealing', 'workbook'],
  operations: [...audited, 'audit'],
};

const apps = ['rating', 'projections', 'payments', 'notifications', 'api', 'cli'];

function domainWall([lib, { ours, packages, node }]: [string, Wall]) {
  const allowed = [...packages, ...ours.map((name) => `@tollkeeper/${name}`), ...node.map((name) => `node:${name}`)];
  const message = `${lib} may import ${allowed.length === 0 ? 'nothing' : allowed.join(', ')} besides its own files.`;
  const inTests = ['@jest/globals', 'fast-check', 'decimal.js', '@tollkeeper/testing', 'node:*'];
  return [
    wall(`**/libs/${lib}/src/**`, allButThese(allowed), message),
    wall(`**/libs/${lib}/src/**/*.spec.ts`, allButThese([...allowed, ...inTests]), message),
  ];
}

/** The patterns are those of a .gitignore; a project's own files are the imports that end in `.js`. */
function allButThese(names: string[]): string[] {
  return ['*', '!*.js', ...names.map((name) => `!${name}`)];
}

function wall(files: string, group: string[], message: string) {
  return { files: [files], rules: { 'no-restricted-imports': ['error', { patterns: [{ group, message }] }] } };
}

/** They would have the code say twice what the compiler knows, or break Nest's injection (consistent-type-imports). */
const NOT_OURS = [
  'await-thenable',
  'consistent-return',
  'consistent-type-imports',
  'no-base-to-string',
  'no-misused-spread',
  'no-redundant-type-constituents',
  'no-unnecessary-template-expression',
  'no-unnecessary-type-assertion',
  'no-unnecessary-type-conversion',
  'no-unnecessary-type-parameters',
  'no-unsafe-enum-assignment',
  'no-unsafe-type-assertion',
  'require-array-sort-compare',
  'restrict-template-expressions',
  'unbound-method',
];

/** Cells are functions that are called; what scrolls must take the keyboard's focus; roles say what no tag says as exactly. */
const NOT_OURS_ON_THE_PAGE = [
  'jsx-a11y/no-noninteractive-tabindex',
  'jsx-a11y/prefer-tag-over-role',
  'react/no-unstable-nested-components',
  'react/react-in-jsx-scope',
];

function off(rule: string): [string, 'off'] {
  return [rule, 'off'];
}

export default {
  plugins: ['typescript', 'unicorn', 'oxc', 'import', 'promise'],
  categories: { correctness: 'error', suspicious: 'error' },
  rules: {
    'import/no-cycle': 'error',
    'max-lines': ['error', { max: 300 }],
    'import/no-named-as-default-member': 'off',
    'import/no-unassigned-import': 'off',
    ...Object.fromEntries(NOT_OURS.map((rule) => off(`typescript/${rule}`))),
    'typescript/no-extraneous-class': ['error', { allowWithDecorator: true }],
    'unicorn/consistent-function-scoping': 'off',
  },
  ignorePatterns: ['**/dist/**', 'test/fixtures/walls/**'],
  overrides: [
    ...Object.entries(domain).flatMap(domainWall),
    ...adapters.flatMap((lib) => {
      const message = `${lib} is an adapter: it knows a product and nothing of us.`;
      return [
        wall(`**/libs/${lib}/src/**`, ['@tollkeeper/*', '@nestjs/*'], message),
        wall(`**/libs/${lib}/src/**/*.spec.ts`, ['@tollkeeper/*', '!@tollkeeper/testing', '@nestjs/*'], message),
      ];
    }),
    ...Object.entries(joints).map(([lib, joined]) =>
      wall(
        `**/libs/${lib}/src/**`,
        ['@tollkeeper/*', ...[...joined, 'testing'].map((name) => `!@tollkeeper/${name}`), '@nestjs/*'],
        `${lib} joins ${joined.join(', ')} and knows nothing else of ours.`,
      ),
    ),
    ...apps.map((app) =>
      wall(`**/apps/${app}/src/**`, ['@tollkeeper/app-*'], 'A program imports no other program; standalone alone composes them.'),
    ),
    wall(
      '**/apps/console/src/**',
      ['@tollkeeper/*', '@nestjs/*'],
      'The page runs in a browser and knows of us what HTTP tells it.',
    ),
    {
      files: ['**/apps/console/src/**'],
      plugins: ['react', 'jsx-a11y'],
      rules: Object.fromEntries(NOT_OURS_ON_THE_PAGE.map(off)),
    },
  ],
};
