// Reads the JSON Patch of --patch.

import { readFile } from 'node:fs/promises'
import { type JsonPatch, parsePatch } from '#operations/dead-letters/patch'
import { oneLine } from '#operations/google'
import { withoutMark } from '#operations/text-encoding'
import { UsageError } from '#runtime/errors'

/**
 * @param given a file, or the patch itself
 * @throws UsageError where the file cannot be read
 * @throws OperationError of `parsePatch`
 */
export async function readPatch(given: string): Promise<JsonPatch> {
  if (given.trimStart().startsWith('[')) return parsePatch(given.trim(), '--patch')
  return parsePatch(await readPatchFile(given), given)
}

async function readPatchFile(file: string): Promise<string> {
  try {
    return withoutMark(await readFile(file), file).toString('utf8')
  } catch (error) {
    if (error instanceof UsageError) throw error
    throw new UsageError(
      `Cannot read the patch ${file}: ${oneLine(error)}. Name a file, or give the JSON itself, which begins with [. Nothing was redriven.`,
    )
  }
}
