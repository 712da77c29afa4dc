// The partner registry of a process: read at its start, and again whenever the file changes.

import { readFile } from 'node:fs/promises'
import { ConfigError } from '../errors.ts'
import { parseRegistry } from './parse.ts'
import { EMPTY_REGISTRY, type PartnerSettings, type Registry, settingsOf } from './settings.ts'

/** Milliseconds between two looks at the file, in a process that serves events. */
export const LOOK_EVERY_MS = 2_000

/** The file that is read where `PARTNERS_FILE` names none; it need not exist. */
export const STANDARD_FILE = 'partners.yaml'

/** What applies to a partner at this moment, and whether the registry names it. */
export type Partners = {
  readonly of: (partnerId: string) => PartnerSettings
  readonly has: (partnerId: string) => boolean
}

/** For processes without a registry. */
export const NO_PARTNERS: Partners = {
  of: () => EMPTY_REGISTRY.defaults,
  has: () => false,
}

export type RegistryFile = {
  /** Null where there is no such file. */
  readonly text: string | null
  readonly registry: Registry
}

/**
 * @param file the value of `PARTNERS_FILE`; where it is absent, `partners.yaml` is read if it exists
 * @throws ConfigError where the named file is missing, or the file cannot be used, with a line for each problem
 */
export async function readRegistry(file: string | undefined): Promise<RegistryFile> {
  const path = file ?? STANDARD_FILE
  const text = await textOf(path)
  if (text === null && file !== undefined) {
    throw new ConfigError(
      `PARTNERS_FILE is ${JSON.stringify(file)}: there is no such file. Create it (see partners.example.yaml), or leave the variable empty for ${STANDARD_FILE}.`,
    )
  }
  return { text, registry: text === null ? EMPTY_REGISTRY : parsed(path, text) }
}

function parsed(path: string, text: string): Registry {
  const result = parseRegistry(text)
  if (result.ok) return result.registry
  const problems = result.problems.map((problem) => `  ${problem}`).join('\n')
  throw new ConfigError(`${path} cannot be used:\n${problems}\nSee partners.example.yaml.`)
}

async function textOf(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (isMissing(error)) return null
    const why = error instanceof Error ? error.message : String(error)
    throw new ConfigError(`${path} cannot be read: ${why}. Check its permissions.`)
  }
}

const isMissing = (error: unknown) =>
  typeof error === 'object' && error !== null && 'code' in error && error.code === 'ENOENT'

export type Watch = {
  /** Milliseconds between two looks at the file. */
  readonly everyMs: number
  readonly onLoaded: (file: RegistryFile) => void
  /** The file cannot be used or is gone: what was read last stays in effect. Called once for each change of the problem. */
  readonly onRefused: (error: Error) => void
}

/**
 * Looks for changes of the file from now on, without keeping the process alive. A change counts once two looks in a row find
 * the same text, because an editor may be writing the file. Never throws for a file that cannot be used.
 * @param start what `readRegistry` read, which is in effect until the file changes
 */
export function watchRegistry(
  file: string | undefined,
  start: RegistryFile,
  { everyMs, onLoaded, onRefused }: Watch,
): Partners & { readonly close: () => void } {
  let current = start
  let seen = start.text
  let problem: string | null = null
  const look = async () => {
    try {
      const text = await textOf(file ?? STANDARD_FILE)
      const isStable = text === seen
      seen = text
      if (!isStable) return
      const next = readAgain(file, text, current)
      if (next !== current || problem !== null) onLoaded(next)
      current = next
      problem = null
    } catch (error) {
      const refusal = error instanceof Error ? error : new Error(String(error))
      if (refusal.message !== problem) onRefused(refusal)
      problem = refusal.message
    }
  }
  const close = every(everyMs, look)
  return {
    of: (partnerId) => settingsOf(current.registry, partnerId),
    has: (partnerId) => current.registry.partners.has(partnerId),
    close,
  }
}

/** A registry as it was read before, from its text. @throws ConfigError where the text cannot be used */
export const registryOf = (text: string | null): RegistryFile => ({
  text,
  registry: text === null ? EMPTY_REGISTRY : parsed(STANDARD_FILE, text),
})

/** The registry as it was read before, where its text is the same. A file that was there and is gone counts as a broken edit. */
function readAgain(
  file: string | undefined,
  text: string | null,
  before: RegistryFile,
): RegistryFile {
  const path = file ?? STANDARD_FILE
  if (text === before.text) return before
  if (text === null)
    throw new ConfigError(`${path} is gone: put it back, or an empty one in its place`)
  return { text, registry: parsed(path, text) }
}

/** Calls `work` again and again, never twice at once. Returns what ends it. */
function every(ms: number, work: () => Promise<void>): () => void {
  let isBusy = false
  const timer = setInterval(() => {
    if (isBusy) return
    isBusy = true
    void work().finally(() => {
      isBusy = false
    })
  }, ms)
  timer.unref()
  return () => clearInterval(timer)
}
