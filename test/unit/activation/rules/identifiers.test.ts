// Phones, e-mail addresses and click ids as partners really send them: cleaned where it is plain, left out with a reason where not.

import { createHash } from 'node:crypto'
import { createRequire } from 'node:module'
import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import type * as phones from 'libphonenumber-js/min'
import type { CountryCode, Examples } from 'libphonenumber-js/min'
import { readClickId } from '#activation/rules/click-id'
import { readEmail } from '#activation/rules/email'
import { identifiersOf } from '#activation/rules/identifiers'
import { readPhone } from '#activation/rules/phone'

const require = createRequire(import.meta.url)
const examples: Examples = require('libphonenumber-js/examples.mobile.json')
const { getCountries, getExampleNumber }: typeof phones = require('libphonenumber-js/min')

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')
const hashed = (text: string) => ({ ok: true, value: sha256(text) })
const omitted = (reason: string) => ({ ok: false, reason })

type PhoneCase = [sent: string, expected: string, country?: CountryCode]

describe('a phone number', () => {
  test.each<PhoneCase>([
    ['+49 (0)151 2345 6789', '+4915123456789'],
    ['+44 (0)20 7946 0958', '+442079460958'],
    ['+49 0151 23456789', '+4915123456789'],
    ['+39 06 6981 2345', '+390669812345'],
    ['+39 (0)6 6981 2345', '+390669812345'],
    ['06 6981 2345', '+390669812345', 'IT'],
    ['339 123 4567', '+393391234567', 'IT'],
    ['393 123 4567', '+393931234567', 'IT'],
    ['+41 (0)44 668 18 00', '+41446681800'],
    ['+33 (0)6 12 34 56 78', '+33612345678'],
    ['+31 (0) 6-12345678', '+31612345678'],
    ['+34 (0)612 345 678', '+34612345678'],
    ['+45 (0)20 12 34 56', '+4520123456'],
    ['+36 06 20 123 4567', '+36201234567'],
    ['+7 8 912 345-67-89', '+79123456789'],
    ['8 912 345-67-89', '+79123456789', 'RU'],
    ['+55 (011) 91234-5678', '+5511912345678'],
    ['0049-151-1234567', '+491511234567'],
    ['0049 151 1234567', '+491511234567', 'US'],
    ['011 49 151 23456789', '+4915123456789', 'US'],
    ['0011 49 151 23456789', '+4915123456789', 'AU'],
    ['+1 (555) 010-9999', '+15550109999'],
    ['(212) 555-0100', '+12125550100', 'US'],
    ['1 212 555 0100', '+12125550100', 'US'],
    ['0151/23456789', '+4915123456789', 'DE'],
    ['4915123456789', '+4915123456789', 'DE'],
    ['447946095812', '+447946095812', 'GB'],
    ['+0049 151 23456789', '+4915123456789'],
    ['++49 151 23456789', '+4915123456789'],
    ['+ 49 151 23456789', '+4915123456789'],
    ['(+49) 151 23456789', '+4915123456789'],
    ['tel://+49-151-23456789', '+4915123456789'],
    ['Tel./+49 151 23456789', '+4915123456789'],
    ['\u202a+49 151 23456789\u202c', '+4915123456789'],
    ['\u200e+49\u00a0151\u200b23456789', '+4915123456789'],
    ['\ufeff+49 151 23456789', '+4915123456789'],
    ['\u2066+49 151\u00ad23456789\u2069', '+4915123456789'],
    ['+49\u2011151\u201123456789', '+4915123456789'],
    ['+49 151 – 23456789', '+4915123456789'],
    ['＋４９ １５１ ２３４５６７８９', '+4915123456789'],
    ['tel:+4915123456789', '+4915123456789'],
    ['TEL:+49-151-23456789;ext=5', '+4915123456789'],
    ['tel:0151-23456789;phone-context=+49', '+4915123456789', 'DE'],
    ['Tel.: +49 151 23456789', '+4915123456789'],
    ['Mobil: 0151 23456789', '+4915123456789', 'DE'],
    ['+49 151 23456789 ext. 5', '+4915123456789'],
    ['+49 30 1234567 x12', '+49301234567'],
    ['+49 30 1234567, extension 12', '+49301234567'],
    ['+49 30 1234567 (Durchwahl 12)', '+49301234567'],
    ['+49 30 1234567 #12', '+49301234567'],
    ["'+4915123456789", '+4915123456789'],
    ['"+49 151 23456789"', '+4915123456789'],
    ['4915123456789.0', '+4915123456789', 'DE'],
  ])('%j is hashed as %s (%s)', (...[sent, e164, country]: PhoneCase) => {
    expect(readPhone(sent, country)).toEqual(hashed(e164))
  })

  test.each<PhoneCase>([
    ['0151 23456789', 'country_unknown'],
    ['(212) 555-0100', 'country_unknown'],
    ['+0 123', 'unparseable'],
    ['+49 110', 'unparseable'],
    ['+999 151 23456789', 'unparseable'],
    ['12', 'unparseable', 'DE'],
    ['call me', 'unparseable', 'DE'],
    ['1-800-FLOWERS', 'unparseable', 'US'],
    ['4.91512E+12', 'unparseable', 'DE'],
    ['+49 151 23456789 / +49 30 1234567', 'unparseable'],
    ['+49 151 23456789 or +49 30 1234567', 'unparseable'],
    ['jane@example.com', 'unparseable', 'DE'],
    ['0000000000', 'unparseable', 'DE'],
    ['+49 000 000 0000', 'unparseable'],
    ['9'.repeat(101), 'unparseable', 'DE'],
    ['9'.repeat(10_000), 'malformed', 'DE'],
    ['undefined', 'placeholder', 'DE'],
    ['N/A', 'placeholder', 'DE'],
    ['-', 'placeholder', 'DE'],
    ['keine Angabe', 'placeholder', 'DE'],
  ])('%.40j is left out: %s (%s)', (...[sent, reason, country]: PhoneCase) => {
    expect(readPhone(sent, country)).toEqual(omitted(reason))
  })

  test('of every country is the same however it is written', () => {
    const separators = fc.constantFrom(' ', '-', '.', '\u00a0', '\u2011', '\u202c', '  ')
    const country = fc.constantFrom(...getCountries().filter((code) => code in examples))
    fc.assert(
      fc.property(country, separators, (code, separator) => {
        const example = getExampleNumber(code, examples)
        if (!example) throw new Error(`no example of ${code}`)
        const expected = hashed(example.number)
        const spaced = (text: string) => text.replaceAll(' ', separator)
        expect(readPhone(spaced(example.formatInternational()), undefined)).toEqual(expected)
        expect(readPhone(spaced(example.formatNational()), code)).toEqual(expected)
        expect(readPhone(`\u202atel:${example.number}\u202c`, 'DE')).toEqual(expected)
      }),
      { numRuns: 1_000 },
    )
  })
})

describe('an e-mail address', () => {
  test.each([
    ['jane@example.com', 'jane@example.com'],
    ['  JANE@Example.COM ', 'jane@example.com'],
    ['j.a.n.e+x@googlemail.com', 'jane@googlemail.com'],
    ['Jane.Doe+cars@Gmail.com', 'janedoe@gmail.com'],
    ['j.a.n.e+x@example.com', 'j.a.n.e+x@example.com'],
    ['mailto:jane@example.com', 'jane@example.com'],
    ['MAILTO:jane@example.com?subject=Car', 'jane@example.com'],
    ['Jane <jane@example.com>', 'jane@example.com'],
    ['"Doe, Jane" <Jane@Example.com>', 'jane@example.com'],
    ['<jane@example.com>', 'jane@example.com'],
    ['<mailto:jane@example.com>', 'jane@example.com'],
    ['"jane@example.com"', 'jane@example.com'],
    ["'jane@example.com'", 'jane@example.com'],
    ['jane@example.com,', 'jane@example.com'],
    ['jane@example.com.', 'jane@example.com'],
    ['jane%40example.com', 'jane@example.com'],
    ['mailto://jane@example.com', 'jane@example.com'],
    ['mailto: jane@example.com', 'jane@example.com'],
    ['E-Mail: Jane@example.com', 'jane@example.com'],
    ['email=jane@example.com', 'jane@example.com'],
    ['smtp:jane@example.com', 'jane@example.com'],
    ['jane@example.com:', 'jane@example.com'],
    ['mail@example.com', 'mail@example.com'],
    ['\u200bjane@example.com\ufeff', 'jane@example.com'],
    ['\u202ajane@exa\u00admple.com\u202c', 'jane@example.com'],
    ['jane＠example.com', 'jane@example.com'],
    ['jane@münchen.example', 'jane@münchen.example'],
    ["j_o'neil#1@mail.example.co.uk", "j_o'neil#1@mail.example.co.uk"],
  ])('%j is hashed as %s', (sent, address) => {
    expect(readEmail(sent)).toEqual(hashed(address))
  })

  test.each([
    ['jane', 'malformed'],
    ['jane@example', 'malformed'],
    ['jane@example..com', 'malformed'],
    ['jane@.example.com', 'malformed'],
    ['jane@-example.com', 'malformed'],
    ['jane@example.c', 'malformed'],
    ['jane@127.0.0.1', 'malformed'],
    ['a b@example.com', 'malformed'],
    ['jane@exam ple.com', 'malformed'],
    ['@example.com', 'malformed'],
    ['+cars@gmail.com', 'malformed'],
    ['jane@example.com, joe@example.com', 'malformed'],
    ['jane@example.com;joe@example.com', 'malformed'],
    ['Jane <jane@example.com> (work)', 'malformed'],
    [`${'j'.repeat(65)}@example.com`, 'malformed'],
    ['undefined', 'placeholder'],
    ['None', 'placeholder'],
    ['(not provided)', 'placeholder'],
    ['[object Object]', 'placeholder'],
    ['***', 'malformed'],
  ])('%.40j is left out: %s', (sent, reason) => {
    expect(readEmail(sent)).toEqual(omitted(reason))
  })

  test('is the same whatever invisible characters and blanks are around and within it', () => {
    const invisible = fc.stringMatching(/^[\u200b\u200e\u202a\u202c\ufeff\u00ad\u2060]{0,5}$/u)
    fc.assert(
      fc.property(fc.emailAddress(), invisible, invisible, (address, before, within) => {
        const sent = ` ${before}${address.slice(0, 1)}${within}${address.slice(1)}${before}\t`
        expect(readEmail(sent)).toEqual(readEmail(address))
      }),
    )
  })
})

describe.each([
  ['e-mail address', readEmail],
  ['phone number', (text: string) => readPhone(text, undefined)],
])('a hashed %s', (_what, read) => {
  const digest = sha256('jane@example.com')

  test.each([digest, digest.toUpperCase(), ` ${digest}\n`, `"${digest}"`, `\u200b${digest}`])(
    'passes in lower case: %j',
    (sent) => {
      expect(read(sent)).toEqual({ ok: true, value: digest })
    },
  )

  test.each(['', 'undefined', 'null', 'n/a'])('of %j is left out', (text) => {
    expect(read(sha256(text))).toEqual(omitted('placeholder'))
  })

  test.each([digest.slice(1), `${digest}0`, `g${digest.slice(1)}`])('is not %j', (sent) => {
    expect(read(sent).ok).toBe(false)
  })
})

describe('a click id', () => {
  const id = 'Cj0KCQtestAAA_-B'

  test.each([
    [id],
    [` ${id} `],
    [`\u200b${id}\u202c`],
    [`"${id}"`],
    [`https://shop.example/?gclid=${id}&x=1`],
    [`https://shop.example/a?x=1&gclid=${id}#top`],
    [`https://shop.example/#/cars?GCLID=${id}`],
    [`shop.example/?gclid=${id}`],
    [`www.shop.example/cars?gclid=${id}`],
    [`/cars?gclid=${id}`],
    [`?gclid=${id}`],
    [`&gclid=${id}`],
    [`gclid=${id}`],
    [`https%3A%2F%2Fshop.example%2F%3Fgclid%3D${id}%26x%3D1`],
    [`${id}&gad_source=1`],
    [`${id}#top`],
    [`GCL.1699999999.${id}`],
  ])('is taken out of %j', (sent) => {
    expect(readClickId('gclid', sent)).toEqual({ ok: true, value: id })
  })

  test.each([
    ['undefined', 'placeholder'],
    ['Undefined', 'placeholder'],
    ['(not set)', 'placeholder'],
    ['not set', 'placeholder'],
    ['not_set', 'placeholder'],
    ['(none)', 'placeholder'],
    ['(direct)', 'placeholder'],
    ['null', 'placeholder'],
    ['NULL', 'placeholder'],
    ['"null"', 'placeholder'],
    ['NaN', 'placeholder'],
    ['None', 'placeholder'],
    ['[object Object]', 'placeholder'],
    ['0', 'placeholder'],
    ['-', 'placeholder'],
    ['false', 'placeholder'],
    ['\u200b\u200b', 'placeholder'],
    ['{gclid}', 'template'],
    ['{{gclid}}', 'template'],
    ['${gclid}', 'template'],
    ['%gclid%', 'template'],
    ['%7Bgclid%7D', 'template'],
    ['{{ page.gclid }}', 'template'],
    ['https://shop.example/?gclid={gclid}', 'template'],
    ['https://shop.example/?gclid=%7Bgclid%7D', 'template'],
    ['https://shop.example/?gclid=undefined', 'placeholder'],
    ['https://shop.example/?gclid=', 'placeholder'],
    ['https://shop.example/', 'not_in_url'],
    ['https://shop.example/?xgclid=1', 'not_in_url'],
    ['https://shop.example/?wbraid=Cj0K', 'not_in_url'],
    ['jane@example.com', 'malformed'],
    ['two words', 'malformed'],
    ['1.69E+15', 'malformed'],
    ['1', 'malformed'],
    ['12345', 'malformed'],
    ['1699999999.123', 'malformed'],
    ['2026-11-20', 'malformed'],
    ['...', 'malformed'],
    ['_._', 'placeholder'],
    ['GCL.1699999999.', 'malformed'],
    ['https://shop.example/?gclid=5', 'malformed'],
    ['Cj0K<script>', 'template'],
    ['Cj0K/Cj0K', 'malformed'],
    ['Ünïcode', 'malformed'],
    ['g'.repeat(3_000), 'malformed'],
  ])('%.60j is left out: %s', (sent, reason) => {
    expect(readClickId('gclid', sent)).toEqual(omitted(reason))
  })

  test.each(['gbraid', 'wbraid'] as const)('%s is taken out of a URL by its own name', (name) => {
    const url = `https://shop.example/?gclid=other&${name}=${id}`
    expect(readClickId(name, url)).toEqual({ ok: true, value: id })
  })

  test('of any characters that Google uses passes unchanged, alone and within a URL', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^C[\w-]{19,90}$/), (made) => {
        const read = { ok: true, value: made }
        expect(readClickId('gclid', made)).toEqual(read)
        expect(readClickId('gclid', ` https://a.example/b?c=d&gclid=${made}&e=f`)).toEqual(read)
      }),
    )
  })
})

const NOTHING = { gclid: null, gbraid: null, wbraid: null, email: null, phone: null }

describe('of several identifiers', () => {
  test('one that cannot be used does not take the others with it', () => {
    const sent = { ...NOTHING, gclid: 'null', email: 'jane@example.com', phone: 'x' }
    expect(identifiersOf(sent)).toEqual({
      usable: { email: sha256('jane@example.com') },
      omitted: [
        { identifier: 'gclid', reason: 'placeholder' },
        { identifier: 'phone', reason: 'placeholder' },
      ],
    })
  })

  test('the first click id that can be used is the only one', () => {
    const sent = { ...NOTHING, gclid: '(not set)', gbraid: 'B1', wbraid: 'W1' }
    expect(identifiersOf(sent)).toEqual({
      usable: { gbraid: 'B1' },
      omitted: [
        { identifier: 'gclid', reason: 'placeholder' },
        { identifier: 'wbraid', reason: 'superseded' },
      ],
    })
  })

  test('what was not sent, or is blank, is not left out', () => {
    expect(identifiersOf(NOTHING)).toEqual({ usable: {}, omitted: [] })
    expect(identifiersOf({ ...NOTHING, email: ' ', phone: '' })).toEqual({
      usable: {},
      omitted: [],
    })
  })

  test('whatever is sent, each is either used or left out, at most one click id is used, and no value is told', () => {
    const text = fc.option(fc.string({ unit: 'binary', maxLength: 40 }))
    const event = fc.record({ gclid: text, gbraid: text, wbraid: text, email: text, phone: text })
    fc.assert(
      fc.property(event, (sent) => {
        const { usable, omitted: left } = identifiersOf(sent, 'DE')
        const given = Object.entries(sent).filter(([, value]) => (value ?? '').trim() !== '')
        const told = [...Object.keys(usable), ...left.map(({ identifier }) => identifier)]
        expect(told.toSorted()).toEqual(given.map(([name]) => name).toSorted())
        expect(Object.keys(usable).filter((name) => name.endsWith('id')).length).toBeLessThan(2)
      }),
    )
  })
})
