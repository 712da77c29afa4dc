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

test('the images rest on distroless Node 24, unless the Debian image that builds them is asked for', () => {
  const outside = stages.filter(({ base }) => !stages.some(({ name }) => name === base))
  expect(Object.fromEntries(outside.map(({ name, base }) => [name, base]))).toEqual({
    distroless: 'gcr.io/distroless/nodejs24-debian13:nonroot',
    debian: expect.stringMatching(/^node:24\.\d+\.\d+-trixie-slim$/),
    runtime: '${RUNTIME}',
  })
  expect(argumentsOf('ARG')).toEqual(['RUNTIME=distroless'])
})

test.each(['runtime', 'compiled', 'production', 'local'])('%s needs no shell', (name) => {
  const runs = argumentsOf('RUN', stage(name))
  expect(runs.filter((line) => !line.startsWith('["node", '))).toEqual([])
  expect(above(name)).not.toContain('build')
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
    'COPY --from=kit --chown=65532:65532 /data /data',
    'COPY --from=kit /app/node_modules node_modules',
    'COPY deploy/local deploy/local',
    'COPY --from=analyzer --chown=65532:65532 /app/.stack/tools .stack/tools',
  ])
})

test('the analyzer is installed from the files that the image runs, so that it is found there', () => {
  const copied = stage('local').filter((line) => /^COPY .*node_modules$|^COPY deploy/.test(line))
  expect(copied).toHaveLength(2)
  expect(stage('analyzer')).toEqual(expect.arrayContaining(copied))
})

test.each(['compiled', 'production', 'local'])(
  '%s runs as a user without privileges, whose number Kubernetes can see',
  (name) => {
    const users = argumentsOf('USER', [name, ...above(name)].flatMap(stage))
    expect(users).toEqual(['65532:65532'])
  },
)

test('node is the entry point, wherever the base image has it', () => {
  expect(argumentsOf('ENTRYPOINT')).toEqual(['["node"]'])
  expect(argumentsOf('ENV', stage('runtime'))).toContain(
    'PATH=/nodejs/bin:/usr/local/bin:/usr/bin:/bin',
  )
})

test.each(['production', 'local'])('%s installs nothing itself', (name) => {
  expect(stage(name).filter((line) => /\bnpm\b|apt-get/.test(line))).toEqual([])
})

test('the final stage takes the built application, with the compiled code of its processes', () => {
  expect(argumentsOf('COPY', stage('production'))).toEqual(['--from=compiled /app /app'])
  expect(argumentsOf('COPY', stage('compiled'))).toEqual(['--from=build /app /app'])
})

test('the image has a list of its packages, made of what is installed for production', () => {
  const runs = argumentsOf('RUN', stage('build'))
  const made = runs.findIndex((line) => line.includes('npm sbom --omit=dev'))
  expect(runs[made]).toMatch(/--sbom-format=cyclonedx >sbom\.cdx\.json$/)
  // Otherwise npm leaves out most packages.
  expect(runs[made]).toMatch(/^npm pkg delete workspaces devDependencies && /)
  expect(runs.findIndex((line) => line.includes('npm ci'))).toBeLessThan(made)
})

test('Node reads TypeScript by itself', () => {
  expect(instructions.filter((line) => line.includes('tsx'))).toEqual([])
})

test('the compiled code is made by the Node and the user who run it, with the same settings', () => {
  expect(argumentsOf('RUN', stage('compiled'))).toEqual([
    '["node", "deploy/fill-compile-cache.ts"]',
  ])
  expect(above('compiled')).toEqual(above('production'))
  const settings = argumentsOf('ENV').filter((line) => /NODE_OPTIONS|NODE_COMPILE_CACHE/.test(line))
  expect(settings).toHaveLength(2)
  expect(argumentsOf('ENV', stage('runtime'))).toEqual(expect.arrayContaining(settings))
})

test('the worker finds the bundle where the build put it', () => {
  const built = /build-workflow-bundle\.ts (\S+)/.exec(argumentsOf('RUN').join('\n'))?.[1]
  expect(stage('runtime').join('\n')).toContain(`WORKFLOW_BUNDLE=/app/${built}`)
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

/** The stages that a stage rests on, from the nearest on, as far as this file makes them. */
function above(name: string): string[] {
  const base = stages.find((each) => each.name === name)?.base ?? ''
  return stages.some((each) => each.name === base) ? [base, ...above(base)] : []
}

function stage(name: string): readonly string[] {
  const found = stages.find((each) => each.name === name)
  if (!found) throw new Error(`deploy/Dockerfile has no stage ${name}`)
  return found.lines
}

function lines(file: string): string[] {
  return readFileSync(file, 'utf8').split('\n').filter(Boolean)
}
