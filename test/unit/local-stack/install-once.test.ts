import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, expect, test } from '@jest/globals'
import { installOnce } from '../../../deploy/local/install.ts'
import { createScratch } from '../../support/scratch.ts'

const scratch = createScratch()
afterAll(() => scratch.remove())

const failToInstall = () => Promise.reject(new Error('no network'))
const pins = join(scratch.dir, 'pins.txt')
const setUp = (name: string) => {
  writeFileSync(pins, 'tool==1')
  let installs = 0
  const install = async (draft: string) => {
    installs++
    await sleep(20)
    writeFileSync(join(draft, 'tool'), readFileSync(pins))
  }
  const tools = join(scratch.dir, name)
  return { tools, run: () => installOnce(tools, 'tool', [pins], install), installs: () => installs }
}

test('the second run installs nothing', async () => {
  const { run, installs } = setUp('cached')
  const first = await run()
  expect(await run()).toBe(first)
  expect(installs()).toBe(1)
})

test('a changed pin installs anew, beside the old one', async () => {
  const { run, installs } = setUp('pins')
  const old = await run()
  writeFileSync(pins, 'tool==2')
  const now = await run()
  expect(now).not.toBe(old)
  expect(readFileSync(join(now, 'tool'), 'utf8')).toBe('tool==2')
  expect(installs()).toBe(2)
})

test('two at once end with one complete tool and no drafts', async () => {
  const { tools, run } = setUp('race')
  const [one, other] = await Promise.all([run(), run()])
  expect(one).toBe(other)
  expect(existsSync(join(one, 'tool'))).toBe(true)
  expect(readdirSync(tools)).toHaveLength(1)
})

test('a failed install leaves nothing that looks installed', async () => {
  const tools = join(scratch.dir, 'failed')
  await expect(installOnce(tools, 'tool', [pins], failToInstall)).rejects.toThrow('no network')
  expect(readdirSync(tools)).toEqual([])
})
