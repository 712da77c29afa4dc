// The steps of deploy/Dockerfile that take files away, run on a copy of what they find, and what the image starts by itself.

import { execFileSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, expect, test } from '@jest/globals'
import { z } from 'zod'

const instructions = readFileSync('deploy/Dockerfile', 'utf8')
  .replaceAll(/^#.*\n/gm, '')
  .replaceAll('\\\n', ' ')
  .split('\n')

const folder = mkdtempSync(join(tmpdir(), 'image-steps-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** Runs the one step that names this, where these files are. */
function runStep(named: string, files: readonly string[]): void {
  const steps = instructions.filter((line) => line.startsWith('RUN ') && line.includes(named))
  expect(steps).toHaveLength(1)
  for (const file of files) {
    mkdirSync(join(folder, dirname(file)), { recursive: true })
    writeFileSync(join(folder, file), '')
  }
  execFileSync('sh', ['-c', (steps[0] ?? '').slice('RUN '.length)], { cwd: folder })
}

test('of the native libraries of Temporal, that of the platform is kept, and no other', () => {
  const core = 'node_modules/@temporalio/core-bridge'
  const platforms = readdirSync(join(core, 'releases'))
  expect(platforms.length).toBeGreaterThan(3)
  const libraries = platforms.map((platform) => `${core}/releases/${platform}/index.node`)
  runStep('core-bridge', [`${core}/sdk-core/Cargo.toml`, `${core}/index.js`, ...libraries])
  const machine = execFileSync('uname', ['-m'], { encoding: 'utf8' }).trim()
  expect(readdirSync(join(folder, core, 'releases'))).toEqual([`${machine}-unknown-linux-gnu`])
  expect(readdirSync(join(folder, core)).toSorted()).toEqual(['index.js', 'releases'])
})

test('of a package, what Node reads is kept, and declarations and source maps are not', () => {
  const read = ['a.cjs', 'a.js', 'a.json', 'a.mjs', 'a.node', 'a.proto', 'a.ts', 'a.wasm']
  const unread = ['a.d.cts', 'a.d.mts', 'a.d.ts', 'a.js.map']
  const at = (names: readonly string[]) => names.map((name) => `node_modules/some/${name}`)
  runStep('-delete', at([...read, ...unread]))
  expect(readdirSync(join(folder, 'node_modules/some')).toSorted()).toEqual(read)
})

test('without a command, the image runs a file that exists', () => {
  const commands = instructions.filter((line) => line.startsWith('CMD '))
  expect(commands).toHaveLength(1)
  const [main = '', ...rest] = z
    .string()
    .array()
    .parse(JSON.parse(commands[0]?.slice(4) ?? ''))
  expect(existsSync(main)).toBe(true)
  expect(rest).toEqual(['--help'])
})

test('packages know that they run in production, and V8 has the heap that the benchmarks measured', () => {
  const text = instructions.join('\n')
  expect(text).toMatch(/\bNODE_ENV=production\b/)
  // A million waiting events take 351 MB; Kubernetes and Cloud Run give a worker 1 GiB.
  expect(text).toMatch(/--max-old-space-size=1000\b/)
  expect(text).toMatch(/\bMALLOC_ARENA_MAX=2\b/)
})

test('the folder of the compiled code belongs to the user who fills and reads it', () => {
  const text = instructions.join('\n')
  const [, user, group] = /^USER (\d+):(\d+)$/m.exec(text) ?? []
  const [, folderName] = /NODE_COMPILE_CACHE=\/app\/([\w-]+)$/m.exec(text) ?? []
  expect(text.replaceAll(/ +/g, ' ')).toContain(
    `install --directory --owner=${user} --group=${group} ${folderName}`,
  )
})
