// Structured logs: one JSON line on stderr per happening, at the level the configuration names.

import { type Logger, pino } from 'pino'
import { visible } from '#contracts/visible'
import { excerptOf } from './remote-text.ts'
import { withoutSecretsInText } from './secrets.ts'
import { codeOf, grpcName } from './status-codes.ts'

export type { Logger }

/**
 * Errors are logged by what is known to be harmless. What a service said of a request may quote an event: it is left
 * out, but at debug level, where it is masked and cut.
 * @param service the process: `bridge`, `worker` or a command
 */
export function createLogger(service: string, level: string): Logger {
  const serialize = errorSerializer(level === 'debug' || level === 'trace')
  const options = {
    level,
    base: { service },
    // Temporal's SDK names the error of an entry `error`, pino and we `err`.
    serializers: { err: serialize, error: serialize },
  }
  const stderr = pino.destination({ fd: 2, sync: true })
  // JSON leaves some characters that steer a terminal as they are; written out, they mean the same.
  return pino(options, { write: (line) => void stderr.write(visible(line)) })
}

/** For a logger's serializers. @param showsRemote whether the log may have what services said */
export function errorSerializer(showsRemote: boolean): (error: unknown) => unknown {
  const serialize = (error: unknown): unknown => {
    if (!(error instanceof Error)) return error
    const { cause } = error
    return {
      type: error.constructor.name,
      ...('type' in error && { failure: error.type }),
      ...('code' in error && { code: error.code }),
      message: isRemote(error) ? answerOf(error) : excerptOf(withoutSecretsInText(error.message)),
      ...(showsRemote && isRemote(error) && { said: excerptOf(error.message) }),
      stack: frames(error),
      ...(cause !== undefined && { cause: serialize(cause) }),
    }
  }
  return serialize
}

/** What Google's clients and gRPC's put on the errors that stand for an answer. */
const OF_ANSWERS = ['response', 'metadata', 'statusDetails']

/** A parser quotes what it cannot read. */
const isRemote = (error: Error) =>
  error instanceof SyntaxError || OF_ANSWERS.some((member) => member in error)

function answerOf(error: Error): string {
  const code = codeOf(error)
  const answer = typeof code === 'number' ? (grpcName(code) ?? String(code)) : error.name
  return `${answer}: LOG_LEVEL=debug shows the message`
}

/** Where an error was thrown, without its message. */
export function frames(error: unknown): string {
  if (!(error instanceof Error)) return ''
  const { stack = '', message } = error
  const at = stack.indexOf(message)
  const lines = stack.slice(at < 0 ? 0 : at + message.length).split('\n')
  return lines.filter((line) => /^ {4}at /.test(line)).join('\n')
}
