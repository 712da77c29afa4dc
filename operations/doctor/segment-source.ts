// Finds the source of a write key in a Segment workspace: Segment itself takes calls with any key, and drops them.

import { z } from 'zod'
import { type PublicApiAddress, requestPublicApi } from '#activation/segment/public-api-request'
import { isHttpClientError, isHttpSuccess } from '#runtime/status-codes'

/** `refused`: the token may not list sources. `unknown`: none of the sources has the key. */
export type SourceSearch = 'no_token' | 'no_answer' | 'refused' | 'unknown' | 'disabled' | 'enabled'

type Asked = {
  readonly SEGMENT_WRITE_KEY: string
  readonly SEGMENT_PUBLIC_API_HOST: string
  readonly SEGMENT_PUBLIC_API_TOKEN?: string | undefined
}

const TIMEOUT_MS = 8_000

/** The most that the API lists at once. */
const PAGE = 200
const MAX_PAGES = 20

const page = z.object({
  data: z.object({
    sources: z.array(
      z.object({ enabled: z.boolean(), writeKeys: z.array(z.string()).default([]) }),
    ),
    pagination: z.object({ next: z.string().nullish() }).default({}),
  }),
})

/** Never throws. The key is compared here, and not sent. */
export async function findSource(asked: Asked): Promise<SourceSearch> {
  const { SEGMENT_PUBLIC_API_HOST: host, SEGMENT_PUBLIC_API_TOKEN: token } = asked
  if (!token) return 'no_token'
  let cursor = ''
  for (let pages = 0; pages < MAX_PAGES; pages++) {
    const read = await readPage({ host, token }, cursor)
    if (typeof read === 'string') return read
    const source = read.sources.find(({ writeKeys }) => writeKeys.includes(asked.SEGMENT_WRITE_KEY))
    if (source) return source.enabled ? 'enabled' : 'disabled'
    if (!read.pagination.next) return 'unknown'
    cursor = read.pagination.next
  }
  return 'no_answer'
}

async function readPage(address: PublicApiAddress, cursor: string) {
  const query = new URLSearchParams({
    'pagination.count': String(PAGE),
    ...(cursor && { 'pagination.cursor': cursor }),
  })
  try {
    const asked = {
      method: 'GET',
      path: `/sources?${query.toString()}`,
      timeoutMs: TIMEOUT_MS,
    } as const
    const { status, text } = await requestPublicApi(address, asked)
    if (isHttpClientError(status)) return 'refused'
    return isHttpSuccess(status) ? page.parse(JSON.parse(text)).data : 'no_answer'
  } catch {
    return 'no_answer'
  }
}
