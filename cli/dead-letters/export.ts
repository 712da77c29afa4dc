// Writes the lines of an export into a file, to be edited.

import { writeFile } from 'node:fs/promises'
import { oneLine } from '#operations/google'
import { UsageError } from '#runtime/errors'
import { codeOf } from '#runtime/status-codes'

/** Only its owner may read it: it holds what partners sent, personal data included. */
const MODE = 0o600

/** @throws UsageError where there is such a file: somebody may have edited it */
export async function writeExport(file: string, lines: string): Promise<void> {
  try {
    await writeFile(file, `${lines}\n`, { mode: MODE, flag: 'wx' })
  } catch (error) {
    throw new UsageError(
      codeOf(error) === 'EEXIST'
        ? `${file} is there already: name another file, or remove it first.`
        : `${file} cannot be written, name another file: ${oneLine(error)}`,
    )
  }
}
