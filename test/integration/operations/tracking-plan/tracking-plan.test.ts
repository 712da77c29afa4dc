// The tracking plan through the command, against the stand-in for Segment's Public API.

import { randomUUID } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { type PlanRule, TRACKING_PLAN } from '#activation/calls/tracking-plan'
import { createPublicApi } from '#operations/tracking-plan/public-api'
import { stackDir } from '../../../../deploy/local/paths.ts'
import {
  type SegmentStandIn,
  startSegmentStandIn,
} from '../../../../deploy/local/segment/server.ts'
import {
  type AnsweringServer,
  SIGN_IN_PAGE,
  says,
  startAnsweringServer,
} from '../../../support/answering-server.ts'
import { runCommand } from '../../../support/run-command.ts'

const dir = join(stackDir, 'test', randomUUID())
let segment: SegmentStandIn
let other: AnsweringServer

beforeAll(async () => {
  segment = await startSegmentStandIn({ file: join(dir, 'calls.ndjson') })
  other = await startAnsweringServer()
})
afterAll(async () => {
  await segment.close()
  await other.close()
  await rm(dir, { recursive: true, force: true })
})

const SECRET = 'a-token-of-the-public-api'

function run(args: readonly string[], own: Readonly<Record<string, string>> = {}) {
  const env = {
    SEGMENT_PUBLIC_API_HOST: segment.url,
    SEGMENT_PUBLIC_API_TOKEN: SECRET,
    SEGMENT_TRACKING_PLAN_ID: 'tp_1',
    ...own,
  }
  return runCommand(['tracking-plan', ...args], 'cli/main.ts', env)
}

const apiAt = (host: string) => createPublicApi({ host, token: SECRET })

test('diff says what is missing, push adds it, and then nothing differs and nothing is pushed', async () => {
  const before = await run(['diff'])
  expect(before.code).toBe(1)
  for (const { key } of TRACKING_PLAN)
    expect(before.stdout).toMatch(new RegExp(`${key}.*missing in Segment`))
  const pushed = await run(['push', '--json'])
  expect(JSON.parse(pushed.stdout)).toMatchObject({ planId: 'tp_1', isChanged: true })
  expect(pushed.code).toBe(0)
  expect(await apiAt(segment.url).listRules('tp_1')).toEqual(TRACKING_PLAN)
  const after = await run(['diff'])
  expect(after).toMatchObject({ code: 0, stdout: 'Plan tp_1 is that of this version.\n' })
  expect(await run(['push'])).toMatchObject({
    code: 0,
    stdout: 'Plan tp_1 is that of this version: nothing was changed.\n',
  })
}, 60_000)

test('push removes what is not ours, and diff names it first, also behind the first page', async () => {
  const foreign = Array.from(
    { length: 200 },
    (_, i): PlanRule => ({
      type: 'TRACK',
      key: `Other ${i}`,
      version: 1,
      jsonSchema: { $schema: 'http://json-schema.org/draft-07/schema#', type: 'object' },
    }),
  )
  await apiAt(segment.url).replaceRules('tp_2', foreign)
  const { stdout, code } = await run(['diff', '--plan', 'tp_2', '--json'])
  expect(code).toBe(1)
  const kinds = JSON.parse(stdout).differences.map((one: { kind: string }) => one.kind)
  expect(kinds.filter((kind: string) => kind === 'unknown')).toHaveLength(200)
  expect((await run(['push', '--plan', 'tp_2'])).code).toBe(0)
  expect(await apiAt(segment.url).listRules('tp_2')).toEqual(TRACKING_PLAN)
}, 60_000)

test('a list of several pages is read to its end', async () => {
  const rules = [0, 1, 2].map((i) => ({ type: 'TRACK', key: `${i}`, version: 1, jsonSchema: {} }))
  other.answer((response, { url }) => {
    const at = Number(new URL(url, 'http://localhost').searchParams.get('pagination.cursor'))
    const pagination = { current: String(at), ...(at < 2 && { next: String(at + 1) }) }
    says(200, { data: { rules: [rules[at]], pagination } })(response, { method: '', url, body: '' })
  })
  expect(await apiAt(other.url).listRules('tp_1')).toEqual(rules)
  expect(other.requests()).toBe(3)
})

test.each([
  ['tp_0', 401, 'SEGMENT_PUBLIC_API_TOKEN'],
  ['tp_0', 403, 'Tracking Plan Admin'],
  ['tp_0', 429, 'answered 429'],
  ['tp_0', 500, 'answered 500: a fault it was told to show'],
])('%s behind %i is a clear error, and changes nothing', async (planId, status, words) => {
  segment.fail({ status, times: 1 })
  const { code, stderr, stdout } = await run(['push', '--plan', planId])
  expect(code).toBe(2)
  expect(stderr).toContain(words)
  expect(stderr + stdout).not.toContain(SECRET)
  expect(await apiAt(segment.url).listRules(planId)).toEqual([])
})

test('an unknown plan, a missing variable and an API that does not answer are clear errors', async () => {
  const unknown = await run(['diff', '--plan', 'rs_1'])
  expect(unknown).toMatchObject({ code: 2, stderr: expect.stringContaining('no tracking plan') })
  const noToken = await run(['diff'], { SEGMENT_PUBLIC_API_TOKEN: '' })
  expect(noToken.stderr).toContain('SEGMENT_PUBLIC_API_TOKEN is not set')
  const noPlan = await run(['diff'], { SEGMENT_TRACKING_PLAN_ID: '' })
  expect(noPlan.stderr).toContain('SEGMENT_TRACKING_PLAN_ID is not set')
  const noAnswer = await run(['diff'], { SEGMENT_PUBLIC_API_HOST: 'http://127.0.0.1:1' })
  expect(noAnswer.stderr).toContain("Segment's Public API did not answer: ")
  expect([noToken.code, noPlan.code, noAnswer.code]).toEqual([2, 2, 2])
}, 60_000)

test.each([
  ['a web page', says(200, SIGN_IN_PAGE)],
  ['a redirect', says(302, '', { location: 'http://127.0.0.1:1/' })],
  ['a list of something else', says(200, { data: { rules: [{}], pagination: {} } })],
])('%s in place of the list is no empty plan', async (_what, answer) => {
  other.answer(answer)
  await expect(apiAt(other.url).listRules('tp_1')).rejects.toMatchObject({
    code: 'segment_api_failed',
  })
})

test('a plan that Segment did not take as it was sent is an error', async () => {
  other.answer(says(200, { data: { rules: [], pagination: {} } }))
  const { code, stderr } = await run(['push'], { SEGMENT_PUBLIC_API_HOST: other.url })
  expect(code).toBe(2)
  expect(stderr).toContain('still differs: Order Completed')
})

test('a token that the API does not take is denied', async () => {
  const api = createPublicApi({ host: segment.url, token: '' })
  await expect(api.listRules('tp_1')).rejects.toMatchObject({ code: 'segment_api_denied' })
})
