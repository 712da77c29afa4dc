// What becomes of each search attribute: made, there already, or left to a person where Temporal takes none from a client.

import { expect, test } from '@jest/globals'
import type { Client } from '@temporalio/client'
import { SEARCH_ATTRIBUTES } from '#contracts'
import { SEARCH_ATTRIBUTE_TYPES, setUpSearchAttributes } from '#operations/setup/search-attributes'
import { GRPC } from '#runtime/status-codes'

const NAMES = Object.keys(SEARCH_ATTRIBUTES)
const [FIRST = '', ...OTHERS] = NAMES

const refusal = (code: number) => Object.assign(new Error('no'), { code })

/** @param present the names of those that are there; or why none can be listed */
async function setUp(present: readonly string[] | Error, addError?: Error) {
  const added: object[] = []
  const client: Client = Object({
    options: { namespace: 'cars' },
    connection: {
      operatorService: {
        listSearchAttributes: async () => {
          if (present instanceof Error) throw present
          return { customAttributes: Object.fromEntries(present.map((name) => [name, 2])) }
        },
        addSearchAttributes: async (request: object) => {
          if (addError) throw addError
          added.push(request)
        },
      },
    },
  })
  const changes = await setUpSearchAttributes(client)
  expect(changes.map(({ name }) => name)).toEqual(NAMES)
  return { did: changes.map((change) => change.did), changes, added }
}

const all = (did: string, of = NAMES) => of.map(() => did)

test('those that are missing are made, with their types, in one request', async () => {
  const { did, added } = await setUp([FIRST])
  expect(did).toEqual(['unchanged', ...all('created', OTHERS)])
  const types = Object.entries(SEARCH_ATTRIBUTES).filter(([name]) => name !== FIRST)
  expect(added).toEqual([
    {
      namespace: 'cars',
      searchAttributes: Object.fromEntries(
        types.map(([name, type]) => [name, SEARCH_ATTRIBUTE_TYPES[type]]),
      ),
    },
  ])
})

test('nothing is asked for where all are there', async () => {
  expect(await setUp(NAMES)).toMatchObject({ did: all('unchanged'), added: [] })
})

test.each([GRPC.UNIMPLEMENTED, GRPC.PERMISSION_DENIED])(
  'a Temporal that refuses with %d leaves them to a person',
  async (code) => {
    const { did, changes } = await setUp(refusal(code))
    expect(did).toEqual(all('by hand'))
    expect(changes.map(({ type }) => type)).toEqual(Object.values(SEARCH_ATTRIBUTES))
    const partly = await setUp([FIRST], refusal(code))
    expect(partly.did).toEqual(['unchanged', ...all('by hand', OTHERS)])
  },
)

test('any other refusal ends the set-up', async () => {
  await expect(setUp(refusal(GRPC.UNAVAILABLE))).rejects.toThrow('no')
  await expect(setUp([], refusal(GRPC.INVALID_ARGUMENT))).rejects.toThrow('no')
})
