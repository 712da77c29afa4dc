// What is personal is hidden by the name of its field, however partners write it, and where a text gives it away.

import { expect, test } from '@jest/globals'
import { isPersonal, MASK, maskPersonal, readEvent } from '#contracts'
import { message, purchase } from '../../../fixtures/messages.ts'
import { cpuMs } from '../../../support/cpu-cost.ts'

test.each(
  [
    'email phone customer_id gclid gbraid wbraid vin vehicle.vin customerId CustomerID',
    'customerid Customer-Id E-Mail emails vehicle_vin phoneNumber billing_address',
    'lastName VIN ip clientIp license_plate VINNumber IPAddress address2 addresses',
    'name names first_name lastName customerName customer_name surname nickname user.name owner_name fullname',
    'vorname nachname kundenname Käufername geburtsname nom prenom prénom nom_client apellido apellidos nombre',
    'cognome nome achternaam voornaam efternamn tax tax_id taxNumber taxid ssn SSN national_id nationalId',
    'social_security_number passport passport_no passportNumber iban birth birth_date birthDate birthday',
    'date_of_birth dob geburtsdatum geburtstag naissance city customer.city town wohnort street strasse Straße',
    'customeremail buyerEMAIL useremail contactphone Telefonnummer handynummer kundentelefon lieferadresse',
    'shippingaddress emailHash born yob VAT ausweisnummer fahrgestellnr whatsapp cellphone 姓名 имя όνομα ｅｍａｉｌ',
    'zip zipCode postcode post_code plz house_number customer buyer driver_license steuer_id kontonummer',
  ].flatMap((line) => line.split(' ')),
)('%s is personal', (name) => {
  expect(isPersonal(name)).toBe(true)
})

test.each(
  [
    'order_id partner_id car_model amount reason type timestamp currency event_id',
    'schema_version vehicle vehicle.make consent consent.ad_user_data moving province',
    'description hotel recipient messageId publishTime customer_type owner_count',
    'model_name modelName car_name vehicle.name product.name event_name brandname markenname campaign_name',
    'dealer_name dealer_city partner.name store_name file_name hostname make model vehicle.model colour capacity',
    'velocity nominal taken_at unit',
  ].flatMap((line) => line.split(' ')),
)('%s is not', (name) => {
  expect(isPersonal(name)).toBe(false)
})

test('values of personal fields become masks of their kind; the rest stays', () => {
  const event = {
    ...purchase,
    email: 'max@example.com',
    phone: null,
    vehicle: { vin: 'WVWZZZ1JZXW000001', year: 2024 },
    address: { street: 'Ring 1' },
    customerIds: ['C1'],
    gclid: 7,
  }
  expect(maskPersonal(event)).toEqual({
    ...purchase,
    customer_id: '(masked string)',
    email: '(masked string)',
    phone: null,
    vehicle: { vin: '(masked string)', year: 2024 },
    address: '(masked object)',
    customerIds: '(masked array)',
    gclid: '(masked number)',
  })
})

test.each([
  ['call max.muster+car@example.com now', 'call (masked e-mail) now'],
  ['call max＠example.com or ＋49 170 1234567', 'call (masked e-mail) or (masked phone)'],
  ['<max@example.com>, x', '<(masked e-mail)>, x'],
  ['müller@exämple.de', '(masked e-mail)'],
  ['call +49 (170) 123-4567.', 'call (masked phone).'],
  ['2025-11-01T19:32:00+01:00', '2025-11-01T19:32:00+01:00'],
  ['payment_failed @ 5', 'payment_failed @ 5'],
  [
    '{"email":"x","n":[{"vin":"y"}]}',
    '{"email":"(masked string)","n":[{"vin":"(masked string)"}]}',
  ],
  ['{"email":"x"', '(masked string)'],
])('a text such as %j reads %j', (text, masked) => {
  expect(maskPersonal({ note: text })).toEqual({ note: masked })
  expect(maskPersonal(masked)).toEqual(masked)
})

test.each([
  'firstName=Mustermann&lastName=Muster',
  'order=5&tax_id=Mustermann',
  'Name: Mustermann',
  '<name>Mustermann</name>',
  'nachname = Mustermann',
  'vorname:\\"Mustermann',
])('%s in a text is masked', (text) => {
  expect(maskPersonal({ note: text })).toEqual({ note: '(masked string)' })
})

test.each([
  'order=5&car=Golf',
  'event_name: paid',
  'a => b',
  '2026-11-20T10:00:00Z',
  'https://x.example/?a=1',
])('%s in a text stays', (text) => {
  expect(maskPersonal({ note: text })).toEqual({ note: text })
})

test.each([
  { key: 'first_name', value: 'Mustermann' },
  { name: 'ssn', value: 4_711 },
  { field: 'birth_date', Values: ['Mustermann'] },
  { label: 'E-Mail', text: 'Mustermann' },
  { id: 'tax_id', data: { a: 'Mustermann' } },
])('a field that is written as an object is masked like any: %j', (field) => {
  expect(JSON.stringify(maskPersonal({ fields: [field] }))).not.toMatch(/Mustermann|4711/)
})

test('a field that is written as an object and tells of no person stays', () => {
  const field = { key: 'color', value: 'red' }
  expect(maskPersonal([field])).toEqual([field])
})

test('a name that is itself personal is masked', () => {
  expect(maskPersonal({ 'max@example.com': true })).toEqual({ '(masked e-mail)': true })
})

test('a megabyte of anything takes no time, and no depth is too deep', async () => {
  for (const unit of ['a', '@', '+', '+1', 'a@', '{', '"', '1', 'a=', 'a ', 'a=b&', ':'])
    expect(await cpuMs(() => maskPersonal(unit.repeat(1_000_000 / unit.length)))).toBeLessThan(500)
  const deep: unknown = JSON.parse(`${'['.repeat(5_000)}"max@example.com"${']'.repeat(5_000)}`)
  expect(JSON.stringify(maskPersonal(deep))).toMatch(MASK)
})

test('the violations of an event show nothing personal', () => {
  const reading = readEvent(
    message({
      ...purchase,
      customer_id: 4_711,
      gclid: 4_712,
      order_id: { email: 'max@example.com' },
      vehicle: { vin: 4_713 },
      currency: 'max@example.com',
      car_model: 'x'.repeat(300),
    }),
  )
  const violations = reading.accepted ? [] : reading.violations
  expect(violations.length).toBe(6)
  expect(JSON.stringify(violations)).not.toMatch(/max|471/)
})
