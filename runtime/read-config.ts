// Reads the configuration of a process from its environment. All problems are reported at once, by name and without secrets.

import type { z } from 'zod'
import { ConfigError } from './errors.ts'
import { shownValue, withoutSecrets } from './secrets.ts'

/**
 * Reads one process's configuration. A variable set to the empty string counts as unset.
 * @throws ConfigError with one line per problem
 */
export function readConfig<T extends z.ZodType>(
  schema: T,
  environment: Readonly<Record<string, string | undefined>>,
): z.output<T> {
  const set = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''))
  const parsed = schema.safeParse(set)
  if (parsed.success) return parsed.data
  const lines = new Set(parsed.error.issues.map((issue) => describe(issue, set)))
  throw new ConfigError(
    `Configuration cannot be used:\n${[...lines].join('\n')}\nSee .env.example.`,
  )
}

function describe(
  issue: z.core.$ZodIssue,
  environment: Readonly<Record<string, string | undefined>>,
): string {
  const name = issue.path.join('.')
  const value = environment[name]
  if (value === undefined) return `  ${name} is not set: it ${issue.message}`
  return `  ${name} is ${isSecret(name) ? 'set' : JSON.stringify(withoutSecrets(value))}: ${issue.message}`
}

/** The configuration as it may be logged: secrets are replaced, also those within URLs. */
export function redacted(config: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const entries = Object.entries(config)
  return Object.fromEntries(
    entries.map(([name, value]) => [
      name,
      isSecret(name) && value !== undefined ? '***' : shownValue(value),
    ]),
  )
}

const isSecret = (name: string) => /KEY|TOKEN|SECRET|PASSWORD|WEBHOOK/.test(name)
