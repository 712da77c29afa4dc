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
const project = (name, extra = {}) => ({
  ...base,
  displayName: name,
  testMatch: [`<rootDir>/test/${name}/**/*.test.ts`],
  ...extra,
})

/** What runs workflows: one bundle serves all of its files. */
const bundled = {
  globalSetup: '<rootDir>/test/support/bundle-workflows.js',
  globalTeardown: '<rootDir>/test/support/remove-workflow-bundle.js',
}

export default {
  projects: [
    project('unit'),
    project('workflow', bundled),
    project('integration', bundled),
    project('e2e', bundled),
  ],
  testTimeout: 60_000,
}
