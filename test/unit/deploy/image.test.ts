// What deploy/Dockerfile and .dockerignore promise of the image, as far as their text can tell.

import { readFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'

const instructions = readFileSync('deploy/Dockerfile', 'utf8')
  .replaceAll(/^#.*\n/gm, '')
  .replaceAll('\\\n', ' ')
  .split('\n')
  .filter((line) => line.trim() !== '')
const bases = argumentsOf('FROM').map((line) => line.split(' ')[0] ?? '')
const finalStage = instructions.slice(
  instructions.findLastIndex((line) => line.startsWith('FROM ')),
)
const ignored = lines('.dockerignore').filter((line) => !line.startsWith('#'))

test('it builds in one stage and runs in another', () => {
  expect(bases).toHaveLength(2)
})

test.each(bases)('its base %s is a full version of Node 24 on Debian', (base) => {
  expect(base).toMatch(/^node:24\.\d+\.\d+-(bookworm|trixie)-slim$/)
})

test('it installs what the lock file says, without development packages', () => {
  expect(argumentsOf('RUN').join('\n')).toContain('npm ci --omit=dev')
  expect(argumentsOf('RUN').join('\n')).not.toMatch(/npm (install|i) /)
})

test('it runs as a user without privileges', () => {
  expect(finalStage.findLast((line) => line.startsWith('USER '))).toBe('USER node')
})

test('the final stage takes the built application and installs nothing', () => {
  expect(finalStage.filter((line) => /\bnpm\b|apt-get/.test(line))).toEqual([])
  expect(finalStage.filter((line) => line.startsWith('COPY '))).toEqual([
    'COPY --from=build /app /app',
  ])
})

test('the worker finds the bundle where the build put it', () => {
  const built = /build-workflow-bundle\.ts (\S+)/.exec(argumentsOf('RUN').join('\n'))?.[1]
  expect(finalStage.join('\n')).toContain(`WORKFLOW_BUNDLE=/app/${built}`)
})

test('health is asked by the platform, not by the image', () => {
  expect(argumentsOf('HEALTHCHECK')).toEqual([])
})

test.each(['.git', 'node_modules', '.stack', 'test', '.env', '.env.*'])(
  '%s stays out of the image',
  (name) => {
    expect(ignored).toContain(name)
  },
)

test('nothing that git ignores gets into the image', () => {
  const names = lines('.gitignore').map((line) => line.replace(/\/$/, ''))
  expect(ignored).toEqual(expect.arrayContaining(names))
})

test.each(['package.json', 'package-lock.json', '.npmrc', 'deploy', 'deploy/local'])(
  '%s gets into the image',
  (name) => {
    expect(ignored).not.toContain(name)
  },
)

function argumentsOf(instruction: string): string[] {
  const start = `${instruction} `
  return instructions.flatMap((line) => (line.startsWith(start) ? [line.slice(start.length)] : []))
}

function lines(file: string): string[] {
  return readFileSync(file, 'utf8').split('\n').filter(Boolean)
}
