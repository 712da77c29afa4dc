// Who may ask the codec server, from which pages and by which names, what it shows, and what a request may cost.

import { afterEach, describe, expect, jest, test } from '@jest/globals'
import { defaultPayloadConverter, type Payload } from '@temporalio/common'
import { MAX_MESSAGE_BYTES } from '#contracts'
import { codecServerConfig, readConfig } from '#runtime/config'
import { ConfigError } from '#runtime/errors'
import { createPayloadCodec } from '#runtime/payload-codec'
import {
  accessOf,
  isAllowedHost,
  isAllowedOrigin,
  refuseOpenNetwork,
} from '../../../deploy/codec-server/access.ts'
import {
  BudgetError,
  createBudget,
  MAX_UNPACKED_BYTES,
} from '../../../deploy/codec-server/budget.ts'
import {
  type Access,
  showDeadLetter,
  showMessage,
} from '../../../deploy/codec-server/partner-data.ts'
import { isView, showPayload } from '../../../deploy/codec-server/view.ts'
import { BodyError, readPayloads } from '../../../deploy/codec-server/wire.ts'
import { message } from '../../fixtures/messages.ts'

afterEach(() => {
  jest.restoreAllMocks()
})

const ALLOWED = ['https://cloud.temporal.io', 'http://localhost:*']

test.each(['https://cloud.temporal.io', 'http://localhost:8233', 'http://localhost:1'])(
  'a page of %s may ask',
  (origin) => {
    expect(isAllowedOrigin(origin, ALLOWED)).toBe(true)
  },
)

test.each([
  'https://cloud.temporal.io.example.com',
  'https://cloud.temporal.io:8443',
  'https://example.com?https://cloud.temporal.io',
  'https://a.cloud.temporal.io',
  'http://cloud.temporal.io',
  'https://localhost:8233',
  'http://localhost.example.com:8233',
  'http://localhost:8233.example.com',
  'null',
  '',
])('a page of "%s" may not', (origin) => {
  expect(isAllowedOrigin(origin, ALLOWED)).toBe(false)
})

test.each(['localhost:8888', '127.0.0.1:8888', '[::1]:8888'])(
  'a server that listens on this machine only is meant by %s',
  (host) => {
    expect(isAllowedHost(host, '127.0.0.1')).toBe(true)
  },
)

// A page whose host name was made to point to this machine sends that name.
test.each(['evil.example.com:8888', 'localhost.example.com', '127.0.0.1.example.com:8888', ''])(
  'it is not meant by "%s", and a server that is open to other machines may have that name',
  (host) => {
    expect(isAllowedHost(host, '127.0.0.1')).toBe(false)
    expect(isAllowedHost(host, '0.0.0.0')).toBe(true)
  },
)

const ORDINARY = 'ordinary-token-of-the-test'
const PERSONAL = 'personal-token-of-the-test'
const UI = 'http://localhost:8233'
const TOKENS = { CODEC_SERVER_TOKEN: ORDINARY, CODEC_SERVER_PERSONAL_TOKEN: PERSONAL }
const NO_TOKENS = { CODEC_SERVER_TOKEN: undefined, CODEC_SERVER_PERSONAL_TOKEN: undefined }

describe('what a caller sees', () => {
  const see = (
    authorization: string | undefined,
    origin: string | undefined,
    { isOpenToPages = false, ...tokens }: object & { isOpenToPages?: boolean } = {},
  ) =>
    accessOf(
      { authorization, origin },
      { ...TOKENS, CODEC_SERVER_ORIGINS: [UI], isOpenToPages, ...tokens },
    )
  const PERSONAL_ONLY = { CODEC_SERVER_TOKEN: undefined }

  test.each<[string, ReturnType<typeof see>, Access | null]>([
    ['the personal token', see(`Bearer ${PERSONAL}`, undefined), 'personal'],
    ['the ordinary token', see(`Bearer ${ORDINARY}`, undefined), 'masked'],
    ['a token with another case of its scheme', see(`bearer  ${ORDINARY} `, undefined), 'masked'],
    ['a token without its scheme', see(ORDINARY, UI), null],
    ['the start of a token', see(`Bearer ${ORDINARY.slice(0, -1)}`, undefined), null],
    ['a page, where there is a token', see(undefined, UI), null],
    ['a page that needs none', see(undefined, UI, { isOpenToPages: true }), 'masked'],
    ['such a page, with a wrong token', see('Bearer x', UI, { isOpenToPages: true }), null],
    [
      'no page, where pages need no token',
      see(undefined, undefined, { isOpenToPages: true }),
      null,
    ],
    ['another page', see(undefined, 'http://evil.example', { isOpenToPages: true }), null],
    ['a page, where there is no token', see(undefined, UI, NO_TOKENS), 'masked'],
    ['a page with any token, where there is none', see('Bearer x', UI, NO_TOKENS), 'masked'],
    ['no page, where there is no token', see(undefined, undefined, NO_TOKENS), null],
    ['a page, where only the personal token is set', see(undefined, UI, PERSONAL_ONLY), 'masked'],
    ['a page with a wrong one of it', see('Bearer x', UI, PERSONAL_ONLY), null],
    ['an empty token, where there is none', see('Bearer ', undefined, NO_TOKENS), null],
  ])('%s', (_who, access, expected) => {
    expect(access).toBe(expected)
  })
})

describe('without a token it listens on this machine only', () => {
  const listen = (own: Record<string, string>) => () =>
    refuseOpenNetwork(readConfig(codecServerConfig, own))

  test.each(['127.0.0.1', '127.1.2.3', 'localhost', '::1'])('%s is this machine', (host) => {
    expect(listen({ CODEC_SERVER_HOST: host })).not.toThrow()
  })

  test.each(['0.0.0.0', '::', '10.0.0.1', '128.0.0.1', 'codec.example.com'])(
    '%s is open to others',
    (host) => {
      expect(listen({ CODEC_SERVER_HOST: host })).toThrow(ConfigError)
      expect(listen({ CODEC_SERVER_HOST: host })).toThrow('--without-token')
      const personal = { CODEC_SERVER_PERSONAL_TOKEN: PERSONAL }
      expect(listen({ CODEC_SERVER_HOST: host, ...personal })).toThrow(ConfigError)
      expect(listen({ CODEC_SERVER_HOST: host, CODEC_SERVER_TOKEN: ORDINARY })).not.toThrow()
    },
  )
})

describe('what a request may cost', () => {
  const at = (ms: number) => jest.spyOn(performance, 'now').mockReturnValue(ms)

  test('three seconds of work, and no more', async () => {
    at(1_000)
    const budget = createBudget(() => false)
    at(4_000)
    await budget.breathe()
    at(4_001)
    const late = budget.breathe()
    await expect(late).rejects.toThrow(BudgetError)
    await expect(late).rejects.toThrow('take more than 3 seconds: ask for fewer')
  })

  test('32 MB that are unpacked, and no more', async () => {
    const budget = createBudget(() => false)
    budget.spend(32 * 1024 * 1024 - 1)
    expect(budget.bytesLeft()).toBe(1)
    await budget.breathe()
    budget.spend(5)
    expect(budget.bytesLeft()).toBe(0)
    await expect(budget.breathe()).rejects.toThrow(`more than ${MAX_UNPACKED_BYTES} bytes`)
  })

  test('nothing once the caller is gone', async () => {
    await expect(createBudget(() => true).breathe()).rejects.toThrow('The caller waits no more.')
  })

  test('the event loop is given back after ten milliseconds, and not before', async () => {
    at(1_000)
    const budget = createBudget(() => false)
    let turns = 0
    setImmediate(() => {
      turns += 1
    })
    at(1_010)
    await budget.breathe()
    expect(turns).toBe(0)
    at(1_011)
    await budget.breathe()
    expect(turns).toBe(1)
  })
})

describe('payloads', () => {
  const noBudget = createBudget(() => false)
  const show = (payload: Payload, access: Access = 'masked') =>
    showPayload(createPayloadCodec([]), payload, access, noBudget)
  const valueOf = (payload: Payload): unknown => defaultPayloadConverter.fromPayload(payload)

  test('of up to 2.5 MB are read', async () => {
    const [most, more] = [2.5 * 1024 * 1024, 2.5 * 1024 * 1024 + 1].map((bytes) => ({
      metadata: { encoding: Buffer.from('binary/plain') },
      data: Buffer.alloc(bytes, 'x'),
    }))
    expect(valueOf(await show(most ?? {}))).toBe(
      '(masked bytes) 2621440 bytes. The personal token shows them.',
    )
    expect(valueOf(await show(more ?? {}))).toEqual({
      not_decoded:
        "The payload has 2621441 bytes, and Temporal stores no more than 2 MB: it is not one of Temporal's.",
    })
  })

  test('that hold nothing, such as the result of a workflow without one, are as they are', async () => {
    const nothing = { metadata: { encoding: Buffer.from('binary/null') }, data: new Uint8Array() }
    expect(await show(nothing)).toBe(nothing)
  })

  test('that are no JSON although they say so, or of an unknown encoding, are not shown', async () => {
    for (const encoding of ['json/plain', 'other']) {
      const data = Buffer.from('{"email":"max@example.com"')
      const payload = { metadata: { encoding: Buffer.from(encoding) }, data }
      expect(valueOf(await show(payload))).toMatch(/^\(masked bytes\) 26 bytes/)
      expect(await show(payload, 'personal')).toBe(payload)
    }
  })

  test('that were masked or not decoded are known as such, and no others', () => {
    const holds = (text: string) => isView({ data: Buffer.from(text) })
    expect(holds('{"email":"(masked string)"}')).toBe(true)
    expect(holds('{"not_decoded":"why"}')).toBe(true)
    expect(holds('{"note":"not_decoded"}')).toBe(false)
    expect(isView({})).toBe(false)
  })

  test('are refused where a member has another form, by its place', () => {
    const read = (payloads: unknown) => () => readPayloads(JSON.stringify({ payloads }))
    expect(read([{}, { metadata: { encoding: 3 } }])).toThrow('payloads.1.metadata.encoding: ')
    expect(read([7])).toThrow('payloads.0: ')
    expect(read({})).toThrow('payloads: there is no such list')
    const metadata = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, at) => [`key-${at}`, '']))
    expect(Object.keys(read([{ metadata: metadata(32) }])()[0]?.metadata ?? {})).toHaveLength(32)
    expect(read([{ metadata: metadata(33) }])).toThrow(BodyError)
    const many = (length: number) => Array.from({ length }, () => ({}))
    expect(read(many(2_000))()).toHaveLength(2_000)
    expect(read(many(2_001))).toThrow('send at most 2000 at a time')
  })
})

describe('what partners sent', () => {
  test.each([
    [{ events: [{ data: null, faults: [] }] }, true],
    [{ events: [] }, true],
    [{ events: [{ data: { base64: 'eA==' }, faults: [{ path: 'email' }] }] }, true],
    [{ events: [{ data: { text: 7 }, faults: [] }] }, false],
    [{ events: [{ data: undefined, faults: [] }] }, false],
    [{ events: [{ data: null, faults: [{}] }] }, false],
    [{ events: [{ data: null }] }, false],
    [{ events: [[]] }, false],
    [{ events: {} }, false],
    [[], false],
    [null, false],
    ['events', false],
  ])('%j is the input of a dead letter: %s', (value, isLetter) => {
    expect(showDeadLetter(value, 'personal') !== undefined).toBe(isLetter)
  })

  test('an event without data has none, and what was received of a personal field is masked', () => {
    const faults = [
      { path: 'email', received: 'Roe' },
      { path: 'amount', received: 'Roe' },
    ]
    const letter = { events: [{ data: null, faults }] }
    expect(showDeadLetter(letter, 'masked')).toEqual({
      events: [{ data: null, faults: [{ path: 'email', received: '(masked string)' }, faults[1]] }],
    })
    expect(showDeadLetter(letter, 'personal')).toEqual(letter)
  })

  const dataOf = (data: string) => Object(showMessage(message(data), 'masked')).data

  test('JSON of any other form is told by its length alone', () => {
    expect(dataOf('"max"')).toBe('(masked text) 5 bytes that are not a JSON object')
    expect(dataOf('[{"email":"x"},7]')).toEqual([{ email: '(masked string)' }, 7])
    const large = `{"a":1,"a":"${'x'.repeat(MAX_MESSAGE_BYTES)}"}`
    expect(dataOf(large)).toBe(`(masked text) ${large.length} bytes`)
  })
})
