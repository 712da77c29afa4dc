import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeEach, expect, test } from '@jest/globals'
import { repoDir } from '../../../deploy/local/paths.ts'
import { listeningLine } from '../../../deploy/local/probes.ts'
import {
  nodeCommand,
  runMainArgs,
  startProcess,
  wrappedCommand,
} from '../../../deploy/local/process.ts'
import { type Restart, supervise } from '../../../deploy/local/supervise.ts'
import { createScratch, descendantsOf, eventually, isAlive } from '../../support/scratch.ts'

const scratch = createScratch()
afterAll(() => scratch.remove())

// Here the programs run from their sources, as in production and on a developer's machine.
beforeEach(() => void delete process.env['BUNDLED_MAINS'])

const logDir = scratch.dir
const script = (code: string) => [process.execPath, '-e', code] as const
const stayAlive = 'setInterval(() => {}, 1000);'
const sayListening = `console.log('{"listening":"here:1"}');`

test('a process is ready when it prints its address, and its output is in the log', async () => {
  const running = await startProcess({
    name: 'talker',
    command: script(`console.log('first'); ${sayListening} ${stayAlive}`),
    logDir,
    ready: listeningLine,
  })
  expect(running.address).toBe('here:1')
  expect(readFileSync(join(logDir, 'talker.log'), 'utf8')).toMatch(/^first\n/)
  await running.stop()
  expect(await isAlive(running.pid)).toBe(false)
})

test('a process that dies before it is ready is an error with the end of its log', async () => {
  const command = script("console.error('the disk is full'); process.exit(3)")
  await expect(
    startProcess({ name: 'dies', command, logDir, ready: listeningLine }),
  ).rejects.toThrow(
    /^dies ended with code 3 before it was ready; the log .*dies\.log ends:\n {2}the disk is full$/,
  )
})

test('a process that is not ready in time is stopped and is an error', async () => {
  const command = script(`console.log('pid', process.pid); ${stayAlive}`)
  const start = startProcess({
    name: 'slow',
    command,
    logDir,
    ready: listeningLine,
    readyWithinMs: 500,
  })
  await expect(start).rejects.toThrow('slow was not ready in 0.5 s')
  const pid = Number(/pid (\d+)/.exec(readFileSync(join(logDir, 'slow.log'), 'utf8'))?.[1])
  expect(await isAlive(pid)).toBe(false)
})

test('a program that is not there is an error', async () => {
  const start = startProcess({ name: 'none', command: ['no-such-program'], logDir })
  await expect(start).rejects.toThrow('ENOENT')
})

test('a process that ignores SIGTERM is killed after the grace', async () => {
  const running = await startProcess({
    name: 'stubborn',
    command: script(`process.on('SIGTERM', () => {}); ${sayListening} ${stayAlive}`),
    logDir,
    ready: listeningLine,
  })
  await running.stop(100)
  expect(await running.exited).toEqual({ code: null, signal: 'SIGKILL' })
})

test('a wrapped program ends with its wrapper, even when that is killed', async () => {
  const command = wrappedCommand(...script(`${sayListening} ${stayAlive}`))
  const running = await startProcess({ name: 'wrapped', command, logDir, ready: listeningLine })
  const [program = 0] = await descendantsOf(running.pid)
  process.kill(running.pid, 'SIGKILL')
  await eventually(async () => !(await isAlive(program)))
  expect(await isAlive(running.pid)).toBe(false)
})

test('a supervised process that is killed starts again, and stays away once stopped', async () => {
  const restarts: Restart[] = []
  const supervised = await supervise(
    { name: 'kept', command: script(`${sayListening} ${stayAlive}`), logDir, ready: listeningLine },
    (restart) => restarts.push(restart),
  )
  const first = supervised.current().pid
  process.kill(first, 'SIGKILL')
  await eventually(() => supervised.current().pid !== first)
  expect(restarts).toEqual([{ name: 'kept', count: 1, reason: 'SIGKILL', inMs: 200 }])
  expect(supervised.restarts()).toBe(1)
  // The log still has what the first one said.
  expect(readFileSync(join(logDir, 'kept.log'), 'utf8').match(/listening/g)).toHaveLength(2)
  await supervised.stop()
  expect(await isAlive(supervised.current().pid)).toBe(false)
  expect(restarts).toHaveLength(1)
})

test('a supervised process that keeps failing is tried at growing intervals until stopped', async () => {
  const waits: number[] = []
  const marker = join(logDir, 'ran-once')
  const dieTheSecondTime = `const fs = require('fs'); if (fs.existsSync('${marker}')) process.exit(1);
    fs.writeFileSync('${marker}', ''); ${sayListening} ${stayAlive}`
  const supervised = await supervise(
    { name: 'failing', command: script(dieTheSecondTime), logDir, ready: listeningLine },
    ({ inMs }) => waits.push(inMs),
  )
  process.kill(supervised.current().pid, 'SIGKILL')
  await eventually(() => waits.length >= 3)
  await supervised.stop()
  expect(waits.slice(0, 3)).toEqual([200, 400, 800])
})

test('pgrep finds exactly the one process of a TypeScript main', async () => {
  const main = 'deploy/local/segment/main.ts'
  const command = nodeCommand(main, '--file', join(logDir, 'calls.ndjson'))
  const start = () => startProcess({ name: 'main', command, logDir, ready: listeningLine })
  // Sources that tsx has not seen before are transformed by a process of its own, and cached.
  await eventually(async () => {
    const running = await start()
    const others = await descendantsOf(running.pid)
    await running.stop()
    expect(await running.exited).toEqual({ code: 0, signal: null })
    return others.length === 0
  })
})

test('a main runs from its bundle where there is one, and from its source otherwise', () => {
  const source = runMainArgs('bridge/main.ts')
  const bundle = join(scratch.dir, 'bridge/main.js')
  mkdirSync(join(scratch.dir, 'bridge'))
  writeFileSync(bundle, '')
  process.env['BUNDLED_MAINS'] = scratch.dir
  expect(runMainArgs('bridge/main.ts')).toEqual([bundle])
  expect(runMainArgs(join(repoDir, 'bridge/main.ts'))).toEqual([bundle])
  expect(runMainArgs('workers/main.ts').at(-1)).toBe('workers/main.ts')
  expect(source.at(-1)).toBe('bridge/main.ts')
})
