// Gives a process a wall clock that a test can step, by Debian's libfaketime. The monotonic clock stays as it is.

import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const LIBRARIES = '/usr/lib'

/** What a test that needs it says where there is none. */
export const NO_FAKETIME =
  'skipped, there is no libfaketime: apt-get install --no-install-recommends libfaketime'

/** The library, or undefined; `LIBFAKETIME` names another. */
export function findFaketime(): string | undefined {
  const folders = existsSync(LIBRARIES) ? readdirSync(LIBRARIES) : []
  const candidates = folders.map((name) => join(LIBRARIES, name, 'faketime', 'libfaketimeMT.so.1'))
  return [process.env['LIBFAKETIME'] ?? [], ...candidates].flat().find(existsSync)
}

/**
 * @param file where the offset is kept; the process reads it at every look at its clock
 * @returns what the process needs in its environment, and how to step its wall clock
 */
export function steppedClock(library: string, file: string) {
  const step = (offset: '+0' | `${'+' | '-'}${number}m`) => writeFileSync(file, `${offset}\n`)
  step('+0')
  const env = {
    LD_PRELOAD: library,
    FAKETIME_TIMESTAMP_FILE: file,
    FAKETIME_NO_CACHE: '1',
    FAKETIME_DONT_FAKE_MONOTONIC: '1',
  }
  return { env, step }
}
