const base = {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      { jsc: { target: 'es2023', parser: { syntax: 'typescript' } }, module: { type: 'es6' } },
    ],
  },
  modulePathIgnorePatterns: ['<rootDir>/.stack/'],
}

/** What runs workflows or starts programs: one set of bundles serves all of its files. */
const bundled = {
  globalSetup: '<rootDir>/test/support/make-bundles.js',
  globalTeardown: '<rootDir>/test/support/remove-bundles.js',
}

/** Integration tests that measure time, or use the clock of the machine: they run with nothing else under way. */
const TIMED = ['hostile-input', 'linear-output', 'workers/isolation', 'bridge/clock'].map(
  (name) => `<rootDir>/test/integration/${name}.test.ts`,
)

const project = (name, extra = {}) => ({
  ...base,
  displayName: name,
  testMatch: [`<rootDir>/test/${name}/**/*.test.ts`],
  ...extra,
})

export default {
  projects: [
    project('unit'),
    project('workflow', bundled),
    project('integration', { ...bundled, testPathIgnorePatterns: TIMED }),
    project('timed', { ...bundled, testMatch: TIMED }),
    project('e2e', bundled),
  ],
  testTimeout: 60_000,
  maxWorkers: 2,
  workerIdleMemoryLimit: '1GB',
}
