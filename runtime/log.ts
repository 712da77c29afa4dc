// Structured logs: one JSON line on stderr for each entry, from the configured level on.

import { type Logger, pino } from 'pino'
import { visible } from '#contracts/visible'
import { excerptOf } from './remote-text.ts'
import { withoutSecretsInText } from './secrets.ts'
import { codeOf, grpcName } from './status-codes.ts'

export type { Logger }

/**
 * Of an error, only properties that hold no personal data are logged. The message of a service may quote an event: it is logged
 * at debug level only, masked and cut.
 * @param service the process: `bridge`, `worker` or a command
 */
export function createLogger(service: string, level: string): Logger {
  const serialize = errorSerializer(level === 'debug' || level === 'trace')
  const options = {
    level,
    base: { service },
    // Temporal's SDK logs an error as `error`; pino and this code log it as `err`.
    serializers: { err: serialize, error: serialize },
  }
  const stderr = pino.destination({ fd: 2, sync: true })
  // JSON does not escape every character that controls a terminal. Escaped, they mean the same.
  return pino(options, { write: (line) => void stderr.write(visible(line)) })
}

/** A serializer for the errors of a logger. @param showsRemote whether the log may have the messages of services */
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

/** Members that Google's clients and gRPC add to the errors that represent an answer. */
const OF_ANSWERS = ['response', 'metadata', 'statusDetails']

/** True for an error whose message may quote an event. The message of a parser quotes what it cannot parse. */
const isRemote = (error: Error) =>
  error instanceof SyntaxError || OF_ANSWERS.some((member) => member in error)

function answerOf(error: Error): string {
  const code = codeOf(error)
  const answer = typeof code === 'number' ? (grpcName(code) ?? String(code)) : error.name
  return `${answer}: LOG_LEVEL=debug shows the message`
}

/** The stack trace of an error, without its message. */
export function frames(error: unknown): string {
  if (!(error instanceof Error)) return ''
  const { stack = '', message } = error
  const at = stack.indexOf(message)
  const lines = stack.slice(at < 0 ? 0 : at + message.length).split('\n')
  return lines.filter((line) => /^ {4}at /.test(line)).join('\n')
}
