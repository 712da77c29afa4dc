// What a process cannot go on with until a person acts: every main ends with these errors' exit code.

/** The command was used wrongly, or lacks something a person must provide. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
  readonly exitCode = 2
}

/** The configuration is unusable; the message names every variable at fault and what it must be. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  readonly exitCode = 2
}
