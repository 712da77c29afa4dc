// The codec server over HTTP, as Temporal's UI and CLI ask it: who may, what they see, and what it says otherwise.

import { request } from 'node:http'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { defaultPayloadConverter, type Payload } from '@temporalio/common'
import type { DeadLetter, Message } from '#contracts'
import { encodeBatch } from '#contracts/batch-payload'
import { codecServerConfig, readConfig } from '#runtime/config'
import { createPayloadCodec } from '#runtime/payload-codec'
import {
  type CodecServer,
  MAX_BODY_BYTES,
  startCodecServer,
} from '../../../deploy/codec-server/server.ts'
import { readPayloads, writePayloads } from '../../../deploy/codec-server/wire.ts'
import { message, purchase } from '../../fixtures/messages.ts'
import { keysOf, pair } from '../../support/payload-keys.ts'
import { recordingLog } from '../../support/recording-log.ts'
import { runCommand } from '../../support/run-command.ts'

const KEY = pair('2026-11', 1)
const TOKEN = 'ordinary-token-of-the-test'
const PERSONAL = 'personal-token-of-the-test'
const UI = 'http://localhost:8233'

const codec = createPayloadCodec(keysOf(KEY))
const servers: CodecServer[] = []
const { log, lines } = recordingLog()

async function start(environment: Record<string, string> = {}): Promise<string> {
  const port = { CODEC_SERVER_PORT: '0', PAYLOAD_KEYS: KEY }
  const config = readConfig(codecServerConfig, { ...port, ...environment })
  const server = await startCodecServer(config, log)
  servers.push(server)
  return server.url
}

let open: string
let guarded: string
beforeAll(async () => {
  open = await start({ CODEC_SERVER_PERSONAL_TOKEN: PERSONAL })
  guarded = await start({ CODEC_SERVER_TOKEN: TOKEN, CODEC_SERVER_PERSONAL_TOKEN: PERSONAL })
})
afterAll(() => Promise.all(servers.map((server) => server.close())))

const bearer = (token: string) => ({ authorization: `Bearer ${token}` })

function post(url: string, body: string, headers: Record<string, string> = {}) {
  const json = { 'content-type': 'application/json', 'x-namespace': 'default', origin: UI }
  return fetch(url, { method: 'POST', body, headers: { ...json, ...headers } })
}

/** What the server makes of these payloads, once they are encrypted as our processes do. */
async function decoded(payloads: Payload[], url = open, headers = {}): Promise<Payload[]> {
  const body = writePayloads(await codec.encode(payloads))
  const response = await post(`${url}/decode`, body, headers)
  expect(response.status).toBe(200)
  return readPayloads(await response.text())
}

const valueOf = (payload: Payload | undefined): unknown =>
  defaultPayloadConverter.fromPayload(payload ?? {})
const payloadOf = (value: unknown): Payload => defaultPayloadConverter.toPayload(value)
const shown = async (value: unknown, headers = {}): Promise<unknown> =>
  valueOf((await decoded([payloadOf(value)], open, headers))[0])

const lineOf = async (response: Response) => {
  const { message: line } = Object(await response.json())
  return { status: response.status, line }
}

test('no cache keeps what was decoded, whatever the answer', async () => {
  const body = writePayloads(await codec.encode([payloadOf('value')]))
  const answers = [
    await post(`${open}/decode`, body),
    await post(`${open}/encode`, body),
    await post(`${guarded}/decode`, body),
    await post(`${open}/decode`, 'not JSON'),
  ]
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 401, 400])
  for (const { headers } of answers) expect(headers.get('cache-control')).toBe('no-store')
})

describe('who may ask', () => {
  test('health is told to everybody', async () => {
    expect((await fetch(`${guarded}/healthz`)).status).toBe(200)
  })

  test("the UI's page may, with the headers it sends", async () => {
    const response = await fetch(`${guarded}/decode`, {
      method: 'OPTIONS',
      headers: {
        origin: UI,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization,content-type,x-namespace',
      },
    })
    expect(response.status).toBe(200)
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'access-control-allow-origin': UI,
      'access-control-allow-credentials': 'true',
      'access-control-allow-headers': 'x-namespace, content-type, authorization',
      'access-control-allow-methods': 'POST, OPTIONS',
      'access-control-max-age': '600',
      vary: 'origin',
    })
    const answer = await post(`${open}/decode`, '{"payloads":[]}', { origin: UI })
    expect(answer.headers.get('access-control-allow-origin')).toBe(UI)
  })

  test('a page from elsewhere may not, whatever token it has', async () => {
    for (const method of ['OPTIONS', 'POST']) {
      const headers = { origin: 'https://evil.example', ...bearer(TOKEN) }
      const response = await fetch(`${guarded}/decode`, { method, headers })
      expect(response.headers.get('access-control-allow-origin')).toBeNull()
      expect(response.headers.get('access-control-allow-credentials')).toBeNull()
      expect(await lineOf(response)).toEqual({
        status: 403,
        line: 'Pages of https://evil.example may not ask: add it to CODEC_SERVER_ORIGINS.',
      })
    }
  })

  test('an origin may be any port of a host', async () => {
    const url = await start({ CODEC_SERVER_ORIGINS: 'http://localhost:*,https://ui.example' })
    const statusFor = async (origin: string) =>
      (await post(`${url}/decode`, '{"payloads":[]}', { origin })).status
    expect(await statusFor('http://localhost:8233')).toBe(200)
    expect(await statusFor('http://localhost:49152')).toBe(200)
    expect(await statusFor('https://ui.example')).toBe(200)
    expect(await statusFor('https://ui.example:444')).toBe(403)
    expect(await statusFor('http://localhost.evil.example:8233')).toBe(403)
    expect(await statusFor('null')).toBe(403)
  })

  test.each([
    ['no token', {}],
    ['a wrong token', bearer('wrong')],
    ['another scheme', { authorization: `Basic ${TOKEN}` }],
    ['an empty token', { authorization: 'Bearer ' }],
  ])('with %s a guarded server answers 401 and one line, for both paths', async (_, headers) => {
    for (const path of ['/decode', '/encode'])
      expect(await lineOf(await post(`${guarded}${path}`, '{"payloads":[]}', headers))).toEqual({
        status: 401,
        line: 'The codec server needs its token: send CODEC_SERVER_TOKEN as Authorization: Bearer ….',
      })
  })

  test('either token lets in, and the page can read a refusal', async () => {
    for (const token of [TOKEN, PERSONAL])
      expect((await post(`${guarded}/decode`, '{"payloads":[]}', bearer(token))).status).toBe(200)
    const refused = await post(`${guarded}/decode`, '{}', { origin: UI })
    expect(refused.headers.get('access-control-allow-origin')).toBe(UI)
  })

  test('by another name of this machine only whoever has a token may ask', async () => {
    const statusOf = (headers: Record<string, string>) =>
      new Promise((resolve, reject) => {
        const asking = request(
          `${open}/decode`,
          { method: 'POST', headers: { host: 'evil.example', origin: UI, ...headers } },
          (response) => {
            response.resume()
            resolve(response.statusCode)
          },
        )
        asking.on('error', reject)
        asking.end('{"payloads":[]}')
      })
    expect(await statusOf({})).toBe(403)
    expect(await statusOf(bearer(PERSONAL))).toBe(200)
  })

  test('without a token the way to one is told', async () => {
    const { origin: _, ...noPage } = { origin: UI, 'content-type': 'application/json' }
    const asked = { method: 'POST', body: '{"payloads":[]}', headers: noPage }
    expect(await lineOf(await fetch(`${open}/decode`, asked))).toEqual({
      status: 401,
      line: expect.stringMatching(/^Without a token only pages of CODEC_SERVER_ORIGINS may ask/),
    })
  })

  test('without an ordinary token a wrong one is told, not taken for none', async () => {
    expect((await post(`${open}/decode`, '{"payloads":[]}', bearer('wrong'))).status).toBe(401)
  })
})

const buyer = {
  ...purchase,
  email: 'max@example.com',
  phone: '+491701234567',
  gclid: 'click-1',
  vehicle: { vin: 'WVWZZZ1JZXW000001', make: 'VW' },
}
const SECRETS = /max@|4917|C101|click-1|WVWZZZ/

describe('a batch', () => {
  const exact = '{"type":"purchase","customer_id":"C101","amount":0.10000000000000000001}'
  const messages: Message[] = [
    message(buyer, { messageId: 'one' }),
    message(exact, { messageId: 'exact' }),
    message('{"email":"max@example.com",', { messageId: 'broken' }),
    message('{"email":"max@example.com","email":"C101"}', { messageId: 'twice' }),
    message(new Uint8Array([0xff, 0xfe]), { messageId: 'bytes' }),
    message('', { messageId: 'empty', attributes: { email: 'max@example.com', trace: 't1' } }),
  ]
  const batch = payloadOf(encodeBatch(messages))

  test('is readable JSON, with masks in place of personal data', async () => {
    const [payload] = await decoded([batch])
    expect(JSON.stringify(valueOf(payload))).not.toMatch(SECRETS)
    expect(valueOf(payload)).toEqual({
      note: 'Personal data is masked. The personal token shows it.',
      messages: [
        expect.objectContaining({
          messageId: 'one',
          publishTime: messages[0]?.publishTime,
          attributes: { partner_id: 'dealer-7' },
          data: {
            ...purchase,
            customer_id: '(masked string)',
            email: '(masked string)',
            phone: '(masked string)',
            gclid: '(masked string)',
            vehicle: { vin: '(masked string)', make: 'VW' },
          },
        }),
        expect.objectContaining({
          data: {
            type: 'purchase',
            customer_id: '(masked string)',
            amount: '0.10000000000000000001',
          },
        }),
        expect.objectContaining({ data: '(masked text) 27 bytes that are not a JSON object' }),
        expect.objectContaining({ data: { email: '(masked string)' } }),
        expect.objectContaining({ data: '(masked text) 2 bytes that are not a JSON object' }),
        expect.objectContaining({ attributes: { email: '(masked string)', trace: 't1' } }),
      ],
    })
  })

  test('is shown whole to the personal token', async () => {
    const [payload] = await decoded([batch], guarded, bearer(PERSONAL))
    expect(valueOf(payload)).toMatchObject({
      messages: [
        { data: buyer },
        { data: { customer_id: 'C101', amount: '0.10000000000000000001' } },
        { data: { text: '{"email":"max@example.com",' } },
        { data: { text: '{"email":"max@example.com","email":"C101"}' } },
        { data: { base64: '//4=' } },
        { data: { text: '' } },
      ],
    })
    const [masked] = await decoded([batch], guarded, bearer(TOKEN))
    expect(JSON.stringify(valueOf(masked))).not.toMatch(SECRETS)
  })
})

describe('a dead letter', () => {
  const letter: DeadLetter = {
    batchId: 'batch-1',
    partnerId: 'dealer-7',
    stage: 'validation',
    part: 0,
    events: [
      {
        messageId: 'm1',
        publishTime: '2026-11-20T10:00:00Z',
        attributes: {},
        data: { text: JSON.stringify(buyer) },
        eventType: 'purchase',
        eventId: null,
        orderId: 'A001',
        faults: [
          { reason: 'amount_not_a_number', path: 'amount', expected: 'a', received: '"abc"' },
          { reason: 'vehicle_vin_empty', path: 'vehicle.vin', expected: 'a', received: '"WVWZZZ"' },
        ],
      },
    ],
  }

  test('shows its events as JSON, its faults, and nothing personal', async () => {
    const value = await shown(letter)
    expect(JSON.stringify(value)).not.toMatch(SECRETS)
    expect(value).toMatchObject({
      batchId: 'batch-1',
      events: [
        {
          orderId: 'A001',
          data: { order_id: 'A001', email: '(masked string)', vehicle: { make: 'VW' } },
          faults: [{ path: 'amount', received: '"abc"' }, { received: '(masked string)' }],
        },
      ],
    })
  })

  test('says what is wrong with an event before anything else of it, and what came last', async () => {
    const { events } = Object(await shown(letter))
    const [names, faults] = [Object.keys(events[0]), Object.keys(events[0].faults[0])]
    expect([names[0], names.at(-1)]).toEqual(['faults', 'data'])
    expect(faults).toEqual(['reason', 'path', 'expected', 'received'])
  })

  test('is shown whole to the personal token', async () => {
    expect(await shown(letter, bearer(PERSONAL))).toMatchObject({
      events: [{ data: buyer, faults: [{}, { received: '"WVWZZZ"' }] }],
    })
  })
})

describe('any other payload', () => {
  test('is masked by field name, and as it is for the personal token', async () => {
    const value = { email: 'max@example.com', list: [{ vin: 'WVWZZZ', n: 1 }], note: null }
    expect(await shown(value)).toEqual({
      email: '(masked string)',
      list: [{ vin: '(masked string)', n: 1 }],
      note: null,
    })
    expect(await shown(value, bearer(PERSONAL))).toEqual(value)
    expect(await shown(undefined)).toBeUndefined()
    expect(await shown({ received: 3, accepted: 3 })).toEqual({ received: 3, accepted: 3 })
  })

  test('of bytes nobody can read is shown to the personal token alone', async () => {
    const bytes = Buffer.from('max@example.com')
    expect(await shown(bytes)).toBe('(masked bytes) 15 bytes. The personal token shows them.')
    expect(await shown(bytes, bearer(PERSONAL))).toEqual(new Uint8Array(bytes))
  })

  test('that is not encrypted is masked, too', async () => {
    const body = writePayloads([payloadOf({ email: 'max@example.com' })])
    const [payload] = readPayloads(await (await post(`${open}/decode`, body)).text())
    expect(valueOf(payload)).toEqual({ email: '(masked string)' })
  })

  test('with an unknown key becomes a sentence, and hides no other', async () => {
    const other = createPayloadCodec(keysOf(pair('2025-01', 2)))
    const [lost = {}] = await other.encode([payloadOf('old')])
    const [read = {}] = await codec.encode([payloadOf('new')])
    const response = await post(`${open}/decode`, writePayloads([lost, read]))
    expect(response.status).toBe(200)
    expect(readPayloads(await response.text()).map(valueOf)).toEqual([
      {
        not_decoded:
          'A payload is encrypted with key `2025-01`, which PAYLOAD_KEYS does not have: add it behind the others (`2026-11`), and restart this process.',
      },
      'new',
    ])
  })
})

describe('/encode', () => {
  test('encrypts with the first key, so that signals from the UI are read by workers', async () => {
    const body = writePayloads([payloadOf({ go: true })])
    const payloads = readPayloads(await (await post(`${open}/encode`, body)).text())
    expect(Buffer.from(payloads[0]?.metadata?.['encoding'] ?? []).toString()).toMatch(/encrypted/)
    expect((await codec.decode(payloads)).map(valueOf)).toEqual([{ go: true }])
  })

  test.each([[{ email: 'max@example.com' }], ['']])(
    'refuses what /decode masked or could not decode: %j',
    async (value) => {
      const other = createPayloadCodec(keysOf(pair('2025-01', 2)))
      const encrypted = await (value === '' ? other : codec).encode([payloadOf(value)])
      const view = await (await post(`${open}/decode`, writePayloads(encrypted))).text()
      expect(await lineOf(await post(`${open}/encode`, view))).toEqual({
        status: 400,
        line: expect.stringContaining('holds what the codec server masked or could not decode'),
      })
    },
  )
})

describe('a request that makes no sense is answered with one clear line', () => {
  test.each([
    ['no JSON', '{', 'The body is not JSON.'],
    ['nothing', '', 'The body is not JSON.'],
    ['no payloads', '{}', '"data": "base64"}]}: payloads: '],
    ['payloads of another form', '{"payloads":[{"data":1}]}', 'payloads.0.data: '],
  ])('%s: 400', async (_what, body, line) => {
    const answer = await lineOf(await post(`${open}/decode`, body))
    expect(answer).toEqual({ status: 400, line: expect.stringContaining(line) })
    expect(String(answer.line).split('\n')).toHaveLength(1)
  })

  test('another path: 404; another method: 405', async () => {
    expect(await lineOf(await post(`${open}/`, '{}'))).toEqual({
      status: 404,
      line: 'There is no / here: POST /decode or /encode.',
    })
    expect(await lineOf(await fetch(`${open}/decode`))).toEqual({
      status: 405,
      line: '/decode takes POST.',
    })
    const long = await lineOf(await post(`${open}/${'x'.repeat(300)}`, '{}'))
    expect(long).toEqual({
      status: 404,
      line: `There is no /${'x'.repeat(199)} here: POST /decode or /encode.`,
    })
  })

  test('a query is no part of the path, and health is told as JSON', async () => {
    expect((await post(`${open}/decode?namespace=default`, '{"payloads":[]}')).status).toBe(200)
    const health = await fetch(`${open}/healthz`)
    expect(health.headers.get('content-type')).toBe('application/json')
    expect(await health.json()).toEqual({ ok: true })
  })

  test('a body over the limit: 413, and the server goes on', async () => {
    const { status, body } = await postEndless(`${open}/decode`)
    expect({ status, body: JSON.parse(body) }).toEqual({
      status: 413,
      body: { message: `The body is over ${MAX_BODY_BYTES} bytes: ask for fewer payloads.` },
    })
    expect((await fetch(`${open}/healthz`)).status).toBe(200)
  })

  test('nothing of it, and no token, gets into the log', async () => {
    const body = '{"payloads":[{"data":"max@example.com","metadata":3}]}'
    await post(`${guarded}/decode`, body, bearer('wrong-token-of-somebody'))
    await post(`${open}/decode`, body)
    const logged = JSON.stringify(lines)
    expect(logged).toContain('refused')
    expect(lines.at(-1)).toMatchObject({ level: 40, method: 'POST', path: '/decode', status: 400 })
    expect(logged).not.toMatch(/max@|wrong-token|ordinary-token|personal-token/)
  })
})

/** A client that sends one byte more than it may, and reads the answer whenever it comes. */
function postEndless(url: string): Promise<{ status: number | undefined; body: string }> {
  return new Promise((resolve, reject) => {
    const sending = request(url, { method: 'POST', headers: { origin: UI } }, (response) => {
      let body = ''
      response.on('data', (chunk: Buffer) => {
        body += chunk.toString()
      })
      response.on('end', () => resolve({ status: response.statusCode, body }))
    })
    sending.on('error', reject)
    sending.end(Buffer.alloc(MAX_BODY_BYTES + 1, 'x'))
  })
}

describe('the command', () => {
  const MAIN = 'deploy/codec-server/main.ts'

  test('makes a key', async () => {
    const { code, stdout } = await runCommand(['--new-key'], MAIN)
    expect(code).toBe(0)
    expect(keysOf(stdout.trim())).toHaveLength(1)
  })

  test.each([
    [
      'no token on an open network',
      [],
      { CODEC_SERVER_HOST: '0.0.0.0' },
      /^CODEC_SERVER_TOKEN is not set, and CODEC_SERVER_HOST 0\.0\.0\.0 is open to other machines/,
    ],
    ['a malformed key', [], { PAYLOAD_KEYS: 'a:swordfish' }, /PAYLOAD_KEYS is set: the key of `a`/],
    ['an unknown option', ['--nonsense'], {}, /nonsense.*See --help/],
  ])('does not start with %s: exit code 2', async (_what, args, env, line) => {
    const { code, stderr } = await runCommand(args, MAIN, env)
    expect(stderr).toMatch(line)
    expect(stderr).not.toContain('swordfish')
    expect(code).toBe(2)
  })
})
