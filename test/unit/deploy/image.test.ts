// What deploy/Dockerfile and .dockerignore promise of the image, as far as their text can tell.

import { readFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { KIT } from '../../support/packages.ts'

const instructions = readFileSync('deploy/Dockerfile', 'utf8')
  .replaceAll(/^#.*\n/gm, '')
  .replaceAll('\\\n', ' ')
  .split('\n')
  .filter((line) => line.trim() !== '')
const stages = stagesOf(instructions)
const ignored = lines('.dockerignore').filter((line) => !line.startsWith('#'))

test('production is what is built where no target is named', () => {
  expect(stages.at(-1)?.lines).toEqual(['FROM production'])
})

test('every stage rests on one base: a full version of Node 24 on Debian', () => {
  const outside = stages.filter(({ base }) => !stages.some(({ name }) => name === base))
  expect(outside.map(({ name }) => name)).toEqual(['base'])
  expect(outside[0]?.base).toMatch(/^node:24\.\d+\.\d+-(bookworm|trixie)-slim$/)
})

test('each installs what the lock file says, without development packages', () => {
  const installs = argumentsOf('RUN').filter((line) => /\bnpm\b.*\b(ci|i|install)\b/.test(line))
  expect(installs).toHaveLength(2)
  for (const line of installs) expect(line).toMatch(/npm ci --omit=dev --workspace/)
})

test('production has neither the packages nor the files of the development kit', () => {
  expect(stage('build')).toContainEqual(
    expect.stringContaining('npm ci --omit=dev --workspaces=false'),
  )
  const copied = stage('build').findIndex((line) => line === 'COPY . .')
  const removed = stage('build').findIndex((line) => line.includes('rm -r deploy/local'))
  expect(removed).toBeGreaterThan(copied)
})

test('local is production with the kit', () => {
  expect(stage('kit')).toContainEqual(expect.stringContaining(`--workspace=${KIT} `))
  expect(stage('local').filter((line) => /^FROM|^COPY/.test(line))).toEqual([
    'FROM production AS local',
    'COPY --from=kit /app/node_modules node_modules',
    'COPY deploy/local deploy/local',
    'COPY --from=analyzer --chown=node /app/.stack/tools .stack/tools',
  ])
})

test('the analyzer is installed from the files that the image runs, so that it is found there', () => {
  const copied = stage('local').filter((line) => /^COPY (?!--from=analyzer)/.test(line))
  expect(copied).toHaveLength(2)
  expect(stage('analyzer')).toEqual(expect.arrayContaining(copied))
})

test.each(['production', 'local'])('%s runs as a user without privileges', (name) => {
  expect(stage(name).findLast((line) => line.startsWith('USER '))).toBe('USER node')
})

test.each(['production', 'local'])('%s installs nothing itself', (name) => {
  expect(stage(name).filter((line) => /\bnpm\b|apt-get/.test(line))).toEqual([])
})

test('the final stage takes the built application', () => {
  expect(stage('production').filter((line) => line.startsWith('COPY '))).toEqual([
    'COPY --from=build /app /app',
  ])
})

test('Node reads TypeScript by itself', () => {
  expect(instructions.filter((line) => line.includes('tsx'))).toEqual([])
})

test('the compiled code is made by the user who runs it, with the same settings', () => {
  const [user, made] = stage('build').slice(-2)
  expect(user).toBe('USER node')
  for (const main of ['bridge/main.ts', 'workers/main.ts', 'cli/main.ts'])
    expect(made).toContain(main)
  const settings = argumentsOf('ENV').filter((line) => /NODE_OPTIONS|NODE_COMPILE_CACHE/.test(line))
  expect(settings).toEqual(argumentsOf('ENV', stage('base')))
})

test('the worker finds the bundle where the build put it', () => {
  const built = /build-workflow-bundle\.ts (\S+)/.exec(argumentsOf('RUN').join('\n'))?.[1]
  expect(stage('production').join('\n')).toContain(`WORKFLOW_BUNDLE=/app/${built}`)
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

function argumentsOf(instruction: string, among: readonly string[] = instructions): string[] {
  const start = `${instruction} `
  return among.flatMap((line) => (line.startsWith(start) ? [line.slice(start.length)] : []))
}

type Stage = { readonly name: string; readonly base: string; readonly lines: readonly string[] }

function stagesOf(all: readonly string[]): Stage[] {
  const starts = all.flatMap((line, index) => (line.startsWith('FROM ') ? [index] : []))
  return starts.map((start, index) => {
    const [, base = '', , name = ''] = all[start]?.split(' ') ?? []
    return { name, base, lines: all.slice(start, starts[index + 1]) }
  })
}

function stage(name: string): readonly string[] {
  const found = stages.find((each) => each.name === name)
  if (!found) throw new Error(`deploy/Dockerfile has no stage ${name}`)
  return found.lines
}

function lines(file: string): string[] {
  return readFileSync(file, 'utf8').split('\n').filter(Boolean)
}
