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

const retried = { setupFilesAfterEnv: ['<rootDir>/test/support/retry-once.ts'] }

export default {
  projects: [
    project('unit'),
    project('workflow'),
    project('integration', retried),
    project('e2e', retried),
  ],
  testTimeout: 60_000,
}
