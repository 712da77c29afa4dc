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

const project = (name, extra = {}) => ({
  ...base,
  displayName: name,
  testMatch: [`<rootDir>/test/${name}/**/*.test.ts`],
  ...extra,
})

/** `npm test` runs the first three, `npm run test:long` the others; CONTRIBUTING says what belongs where. */
export default {
  projects: [
    project('unit', {
      testEnvironment: '<rootDir>/test/support/jest/shared-messages.js',
      moduleNameMapper: { '^@temporalio/proto$': '<rootDir>/test/support/jest/message-types.cjs' },
    }),
    project('workflow', bundled),
    project('integration', bundled),
    project('long', bundled),
    project('timed', bundled),
    project('e2e', bundled),
  ],
  testTimeout: 60_000,
  maxWorkers: 2,
  workerIdleMemoryLimit: '1GB',
}
