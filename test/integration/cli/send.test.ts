// `npm run send` and `npm run setup` where something is missing: one line that says what to do, and exit code 2.

import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, expect, test } from '@jest/globals'
import { readRunningStack } from '../../../deploy/local/running-stack.ts'
import { NOWHERE } from '../../support/ports.ts'
import { type Finished, runCommand } from '../../support/run-command.ts'
import { createScratch } from '../../support/scratch.ts'
import { useStack } from '../../support/stack.ts'
import { createTopic } from '../../support/topic.ts'

const stack = useStack('pubsub')
const scratch = createScratch()
afterAll(() => scratch.remove())

const run = (args: readonly string[], env: Readonly<Record<string, string>>) =>
  runCommand(args, undefined, env)

function expectOneLine({ code, stdout, stderr }: Finished, ...words: readonly string[]): void {
  expect(stderr.trimEnd().split('\n')).toHaveLength(1)
  for (const word of words) expect(stderr).toContain(word)
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
}

test.each(['send', 'setup'])('%s with nothing to reach says what there could be', async (name) => {
  // A demo that runs on this machine is something to reach.
  if (await readRunningStack()) return
  const finished = await run([name], { PUBSUB_EMULATOR_HOST: '', GOOGLE_CLOUD_PROJECT: '' })
  expectOneLine(finished, 'npm run demo', 'PUBSUB_EMULATOR_HOST', 'GOOGLE_CLOUD_PROJECT')
})

test('without credentials for a project it asks to sign in', async () => {
  if (await readRunningStack()) return
  const finished = await run(['send', '--count', '1'], {
    GOOGLE_CLOUD_PROJECT: 'theirs',
    GOOGLE_APPLICATION_CREDENTIALS: '',
    // Where Google's library looks for what a person signed in with.
    HOME: scratch.dir,
    METADATA_SERVER_DETECTION: 'none',
  })
  expectOneLine(finished, 'theirs', 'sign in', 'Could not load the default credentials')
})

test('a Pub/Sub that does not answer is named', async () => {
  const finished = await run(['send', '--count', '1'], { PUBSUB_EMULATOR_HOST: NOWHERE })
  expectOneLine(finished, NOWHERE, 'PUBSUB_EMULATOR_HOST')
})

test('a topic that does not exist is named', async () => {
  const args = ['send', '--count', '1', '--topic', 'nobody-made-it']
  const finished = await run(args, { PUBSUB_EMULATOR_HOST: stack().pubsub.host })
  expectOneLine(finished, 'Topic nobody-made-it does not exist', 'npm run setup', '--topic')
})

test('lines of a file are published to a topic that exists', async () => {
  const topic = createTopic(stack().pubsub.host)
  await topic.create()
  const file = join(scratch.dir, 'bytes.ndjson')
  await writeFile(file, Buffer.from([0xff, 0xfd, 0x0d, 0x0a, 0x0a, 0x7b]))
  const { code, stdout } = await run(['send', '--events', file, '--topic', topic.name, '--json'], {
    PUBSUB_EMULATOR_HOST: stack().pubsub.host,
  })
  expect({ code, stdout }).toEqual({ code: 0, stdout: '{"published":2}\n' })
  expect(await topic.waiting()).toHaveLength(2)
  await topic.close()
})
