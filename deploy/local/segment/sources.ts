// Stands in for the part of Segment's Public API that lists the sources of a workspace.

import { type ApiAnswer, hasToken, refused } from './answers.ts'

/** The keys that the demo, compose and the tests use; the stand-in takes calls with any other key as well. */
const WRITE_KEYS = ['demo', 'local', 'test']

/** One enabled source, and one that is switched off. Any bearer token is taken. */
export function listSources(authorization: string | undefined): ApiAnswer {
  if (!hasToken(authorization)) return refused(401, 'unauthorized', 'A token is missing.')
  const sources = [
    { id: 'local', slug: 'car-events', enabled: true, writeKeys: WRITE_KEYS },
    { id: 'old', slug: 'car-events-old', enabled: false, writeKeys: ['disabled'] },
  ]
  return { status: 200, body: { data: { sources, pagination: { totalEntries: sources.length } } } }
}
