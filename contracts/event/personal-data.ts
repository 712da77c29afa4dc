// Decides which fields are personal, for every place that masks them. Imports nothing.

/** The fields of the contract that identify a person. */
const OF_THE_CONTRACT = 'email phone customer_id vin gclid gbraid wbraid'

/** Personal fields that partners send in addition to the contract, in several languages. */
const OF_PARTNERS = {
  contact:
    'mail mobile telephone telefon telefono tel fax cell handy whatsapp courriel correo address addresses adresse adressen adres direccion indirizzo anschrift',
  place:
    'street strasse straat calle rue zip postcode post_code postal_code plz house_number hausnummer wohnort',
  person: 'apellido cognome nazwisko sobrenome prenom imie',
  account: 'user_id login salutation anrede',
  birth: 'dob born yob naissance nacimiento nascita nascimento geboorte geboortedatum',
  papers:
    'ssn social_security national_id personal_id identity_number id_number id_card ausweis steuer_id steuernummer national_insurance nif dni nie bsn pesel cpf cpr personnummer codice_fiscale tin license_plate licence_plate plate kennzeichen driving_license driving_licence driver_license driver_licence ustid vat vat_id vat_number vatid insurance_number aadhaar curp license_number licence_number chassis_number fahrgestellnummer',
  bank: 'iban bic account_number kontonummer card_number credit_card cvv',
  browser: 'ip ip_address fbclid msclkid cookie',
}

/** Written as one word each: `post_code`, `postCode` and `postcode` are the same. */
const FIELDS: ReadonlySet<string> = new Set(
  [OF_THE_CONTRACT, ...Object.values(OF_PARTNERS)].flatMap((names) =>
    names.split(' ').map((name) => name.replaceAll('_', '')),
  ),
)
/** The longest of them has this many words. */
const MAX_WORDS_OF_FIELD = 2

/** A field with this last word holds a person, as a name or as an object; `customer_type` does not. */
const PERSONS: ReadonlySet<string> = new Set(
  'customer buyer owner holder purchaser kunde kaeufer halter'.split(' '),
)

/** A word with this beginning is personal, whatever follows: `taxId`, `birthplace`, `geburtstag`, `passport_no`. */
const BEGINNINGS = (
  'tax birth geburt passport reisepass email phone telefon telephone handynummer handynr mobilnummer mobilenumber mobilephone ' +
  'cellphone ausweis personalausweis fahrgestell kennzeichen steuernr'
).split(' ')

/** A word with this end is personal, whatever is before it: `buyeremail`, `Kundentelefon`, `lieferadresse`. */
const ENDINGS =
  'email mail phone telefon telephone handy address adresse adressen anschrift birthday birthdate geburtsdatum'.split(
    ' ',
  )

/** The name or the town of a person, unless the word next to it is one of `THINGS`. */
const NAMES: ReadonlySet<string> = new Set(
  'name names naam namn navn nom noms nombre nombres nome nomi city town'.split(' '),
)
const NAME_ENDINGS = ['name', 'names', 'naam', 'namn', 'navn']

/** Things that have a name or a place, which does not identify a person. */
const THINGS: ReadonlySet<string> = new Set(
  (
    'model modell modele modelo modello car auto vehicle fahrzeug voiture coche make brand marke marken marque marca ' +
    'product produkt item variant trim color colour equipment package option event type category reason ' +
    'partner dealer haendler dealership showroom store shop branch company firma organization organisation ' +
    'campaign channel source medium offer system app file path column table schema topic queue host domain device ' +
    'browser os currency country region'
  ).split(' '),
)

/** A field with a longer name counts as personal without further checks. */
const MAX_FIELD = 256

/** Of names in other alphabets none is listed here. */
const OTHER_LETTERS = /(?=\P{Script=Latin})\p{L}/u

/**
 * True where the value of the field may identify a person. In whatever style a partner writes it, `customerId`, `Customer-ID`,
 * `vehicle_vin` and `billing.email.address` all count. So does every name of a person or a town (`first_name`,
 * `kundenname`, `nom`, `name` alone), but not that of a thing (`model_name`, `eventName`, `vehicle.name`), and every
 * word that begins with tax, birth or passport. It errs on the side of hiding. Linear in the length of `field`.
 * @param field a name, or a path with dots
 */
export function isPersonal(field: string): boolean {
  if (field.length > MAX_FIELD || OTHER_LETTERS.test(field)) return true
  const words = wordsOf(field)
  if (PERSONS.has(singular(words.at(-1) ?? ''))) return true
  return words.some(
    (word, at) =>
      isListed(words, at) ||
      BEGINNINGS.some((beginning) => word.startsWith(beginning)) ||
      ENDINGS.some((ending) => word.endsWith(ending)) ||
      isNameOfPerson(words, at),
  )
}

/** Small letters without accents and digits, a new word at each capital that follows a small letter. */
function wordsOf(field: string): string[] {
  if (/^[a-z_]+$/.test(field)) return field.match(/[a-z]+/g) ?? []
  const parted = field
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replaceAll('ß', 'ss')
    .replace(/([a-z\d])([A-Z])/g, '$1 $2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1 $2')
  return parted.toLowerCase().match(/\p{L}+/gu) ?? []
}

function isListed(words: readonly string[], at: number): boolean {
  let joined = ''
  for (let next = at; next < at + MAX_WORDS_OF_FIELD; next++) {
    joined += words[next] ?? ''
    if (FIELDS.has(joined) || FIELDS.has(singular(joined))) return true
  }
  return false
}

const singular = (word: string) => (word.endsWith('s') ? word.slice(0, -1) : word)

function isNameOfPerson(words: readonly string[], at: number): boolean {
  const word = words[at] ?? ''
  if (NAMES.has(word)) return !THINGS.has(words[at - 1] ?? '') && !THINGS.has(words[at + 1] ?? '')
  const ending = NAME_ENDINGS.find((one) => word.endsWith(one))
  return ending !== undefined && !THINGS.has(word.slice(0, -ending.length))
}
