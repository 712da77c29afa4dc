// Errors in the log: by what is harmless, and with what a service said at debug level alone.

import { expect, test } from '@jest/globals'
import { errorSerializer, frames } from '#runtime/log'

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
