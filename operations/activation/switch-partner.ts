// Switches activation of one partner off and on, in the file of the partner registry.

import { randomUUID } from 'node:crypto'
import { open, readFile, realpath, rename, rm, stat } from 'node:fs/promises'
import { STANDARD_FILE } from '#runtime/partners/registry'
import { OperationError } from '../errors.ts'
import { oneLine } from '../google.ts'
import { editRegistry, type SwitchChange } from './edit-registry.ts'

export type Switched = {
  readonly file: string
  /** False where it was so already. */
  readonly isChanged: boolean
}

/** Somebody else edits the file at the same time: after as many tries a person has to look. */
const MAX_TRIES = 3

/**
 * The file is replaced in one step, and keeps its permissions. Workers read it again within seconds. Safe to repeat.
 * @param file the value of `PARTNERS_FILE`; `partners.yaml` where it is absent, which is created where it is missing
 * @throws OperationError `registry_unusable`, `registry_not_writable` or `registry_changing`
 */
export async function switchPartner(
  file: string | undefined,
  change: SwitchChange,
): Promise<Switched> {
  const path = file ?? STANDARD_FILE
  for (let tries = 0; tries < MAX_TRIES; tries += 1) {
    const before = await textOf(path)
    const edited = editRegistry(before ?? '', change)
    if (!edited.ok)
      throw new OperationError('registry_unusable', { file: path, problems: edited.problems })
    if (!edited.isChanged) return { file: path, isChanged: false }
    if (await replace(path, before, edited.text)) return { file: path, isChanged: true }
  }
  throw new OperationError('registry_changing', { file: path })
}

async function textOf(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (isMissing(error)) return null
    throw notWritable(path, error)
  }
}

const isMissing = (error: unknown) =>
  typeof error === 'object' && error !== null && 'code' in error && error.code === 'ENOENT'

const notWritable = (file: string, error: unknown) =>
  new OperationError('registry_not_writable', { file, why: oneLine(error) }, error)

/** As other files that a person makes, less what the umask takes away. */
const NEW_FILE_MODE = 0o644

/** @returns false where the file has another text than `before` by now */
async function replace(path: string, before: string | null, text: string): Promise<boolean> {
  let draft: string | undefined
  try {
    // A symbolic link stays one.
    const target = before === null ? path : await realpath(path)
    const mode = before === null ? NEW_FILE_MODE : (await stat(target)).mode & 0o7777
    draft = `${target}.${randomUUID()}`
    await write(draft, text, mode)
    if ((await textOf(path)) !== before) return false
    await rename(draft, target)
    draft = undefined
    return true
  } catch (error) {
    throw error instanceof OperationError ? error : notWritable(path, error)
  } finally {
    if (draft !== undefined) await rm(draft, { force: true })
  }
}

async function write(path: string, text: string, mode: number): Promise<void> {
  const file = await open(path, 'wx', 0o600)
  try {
    await file.writeFile(text)
    await file.chmod(mode)
    await file.sync()
  } finally {
    await file.close()
  }
}
