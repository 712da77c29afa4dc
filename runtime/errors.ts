// Errors that end a process until a person acts. The process exits with the exit code of the error.

/** The command was called wrongly, or lacks something that a person must provide. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
  readonly exitCode = 2
}

/** The configuration is not usable. The message names every invalid variable and what it must be. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  readonly exitCode = 2
}
