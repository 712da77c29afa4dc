// Addresses are shown without the secrets inside of them.

import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { shownValue, withoutSecrets, withoutSecretsInText } from '#runtime/secrets'

test.each([
  ['http://127.0.0.1:9050/bigquery/v2', 'http://127.0.0.1:9050/bigquery/v2'],
  ['127.0.0.1:8085', '127.0.0.1:8085'],
  ['https://user:swordfish@host/path', 'https://***@host/path'],
  ['https://swordfish@host', 'https://***@host'],
  ['user:swordfish@host:8085', '***@host:8085'],
  ['https://user:sword/fish?#@host/path', 'https://***@host/path'],
  ['https://host/path?token=swordfish&key=swordfish', 'https://host/path?token=***&key=***'],
  ['https://host/path?swordfish', 'https://host/path?swordfish=***'],
  ['https://host/#access_token=swordfish', 'https://host/#***'],
])('%s is shown as %s', (address, shown) => {
  expect(withoutSecrets(address)).toBe(shown)
})

test('lists are shown one by one, and numbers as they are', () => {
  expect(shownValue(['http://a:b@c', 7])).toEqual(['http://***@c', 7])
})

test('a text shows its URLs so', () => {
  const text = 'cannot reach http://user:swordfish@host:1/x?token=swordfish, try again'
  expect(withoutSecretsInText(text)).toBe('cannot reach http://host:1/x?token=***, try again')
})

test('no password of a URL is ever shown, whatever it is made of', () => {
  const password = fc.stringMatching(/^[!-~]{8,30}$/)
  fc.assert(
    fc.property(password, (secret) => {
      expect(withoutSecrets(`https://user:${secret}@host/path`)).not.toContain(secret)
    }),
  )
})
