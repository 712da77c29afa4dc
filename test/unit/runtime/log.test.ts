// Errors in the log: by what is harmless, and with what a service said at debug level alone.

import fs from 'node:fs'
import { expect, jest, test } from '@jest/globals'
import { createLogger, errorSerializer, frames, type Logger } from '#runtime/log'

const CANARY = 'jane.doe@example.com'
/** A name is not known as one by its form, so that nothing masks it. */
const NAME = 'Roe'
const answered = (more: object) => Object.assign(new Error(`Bad value ${CANARY} ${NAME}`), more)

test.each([
  [
    'over HTTP',
    answered({ code: 400, response: { body: CANARY, headers: { authorization: 'x' } } }),
  ],
  ['over gRPC', answered({ code: 3, details: CANARY, metadata: {} })],
  ['that is a cause', new Error('Failed to start', { cause: answered({ code: 3, metadata: {} }) })],
  [
    'that cannot be parsed',
    new SyntaxError(`Unexpected token, "${CANARY} ${NAME}" is not valid JSON`),
  ],
  ['with its text in another member', answered({ code: 400, response: {}, errors: [CANARY] })],
])('an answer %s is logged without what it says', (_what, error) => {
  const shown = JSON.stringify(errorSerializer(false)(error))
  expect(shown).not.toContain('jane')
  expect(shown).not.toContain(NAME)
  expect(shown).toContain('LOG_LEVEL=debug')
})

test('at debug level it says so, masked', () => {
  const shown = errorSerializer(true)(answered({ code: 3, metadata: {} }))
  expect(shown).toMatchObject({ code: 3, said: `Bad value (masked e-mail) ${NAME}` })
})

test('our own errors keep their words and their place, without passwords of URLs', () => {
  const error = new Error('Temporal does not answer at http://user:swordfish@host.')
  expect(errorSerializer(false)(error)).toMatchObject({
    type: 'Error',
    message: 'Temporal does not answer at http://host.',
    stack: expect.stringMatching(/^ {4}at .*log\.test\.ts/),
  })
})

test('where an error was thrown does not show its message', () => {
  expect(frames(new Error(`one\n    at ${CANARY}\nthree`))).not.toContain('jane')
})

test('an error has the type of its failure and its code, and so has its cause', () => {
  const cause = Object.assign(new TypeError('no connection'), { code: 'ECONNRESET' })
  const error = Object.assign(new RangeError('it failed', { cause }), { type: 'segment_setup' })
  expect(errorSerializer(false)(error)).toMatchObject({
    type: 'RangeError',
    failure: 'segment_setup',
    message: 'it failed',
    cause: { type: 'TypeError', code: 'ECONNRESET', message: 'no connection' },
  })
  expect(errorSerializer(true)(error)).not.toHaveProperty('said')
  expect(errorSerializer(false)('a text')).toBe('a text')
})

test.each([
  [{ code: 3, metadata: {} }, 'INVALID_ARGUMENT'],
  [{ code: 404, response: {} }, '404'],
  [{ statusDetails: [] }, 'Error'],
])('an answer %j is told as %s', (more, word) => {
  expect(errorSerializer(false)(answered(more))).toMatchObject({
    message: `${word}: LOG_LEVEL=debug shows the message`,
  })
})

/** The lines that a logger of this level writes on stderr. */
function written(level: string, write: (log: Logger) => void) {
  const lines: string[] = []
  const real = fs.writeSync
  const spy = jest.spyOn(fs, 'writeSync').mockImplementation((...all: unknown[]) => {
    const [fd, text] = all
    if (fd !== 2) return Reflect.apply(real, fs, all)
    lines.push(String(text))
    return String(text).length
  })
  write(createLogger('worker', level))
  spy.mockRestore()
  return lines.map((line): Record<string, unknown> => JSON.parse(line))
}

test('a line names its process, and has errors under both names without what services said', () => {
  const error = answered({ code: 3, metadata: {} })
  const log = (level: string) => written(level, (to) => to.warn({ err: error, error }, 'failed'))
  expect(log('error')).toEqual([])
  for (const level of ['info', 'debug']) {
    const [line] = log(level)
    expect(line).toMatchObject({ level: 40, service: 'worker', msg: 'failed' })
    for (const shown of [line?.['err'], line?.['error']]) {
      expect(shown).toMatchObject({ code: 3, message: expect.stringContaining('LOG_LEVEL=debug') })
      expect(Object(shown).said).toBe(
        level === 'debug' ? `Bad value (masked e-mail) ${NAME}` : undefined,
      )
    }
  }
})
