// Checks a partner registry as a worker would read it.

import { readRegistry, STANDARD_FILE } from '#runtime/partners/registry'

export type CheckedRegistry = {
  readonly file: string
  /** False where `PARTNERS_FILE` is not set and there is no `partners.yaml`. */
  readonly exists: boolean
  readonly partners: readonly string[]
}

/** @throws ConfigError with a line for each problem */
export async function checkRegistry(file: string | undefined): Promise<CheckedRegistry> {
  const { text, registry } = await readRegistry(file)
  const partners = [...registry.partners.keys()]
  return { file: file ?? STANDARD_FILE, exists: text !== null, partners }
}
