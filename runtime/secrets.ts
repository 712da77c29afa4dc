// Addresses without the secrets that people put into them.

const SCHEME = /^[a-z][a-z\d+.-]{0,31}:\/\//i
const URLS = /\b[a-z][a-z\d+.-]{0,31}:\/\/[^\s"'`<>]*[^\s"'`<>.,;:)]/gi

/** A value of the configuration, or a list of them, each text without its secrets. */
export function shownValue(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shownValue)
  return typeof value === 'string' ? withoutSecrets(value) : value
}

/** The same for every URL inside a text, such as the message of an error; nothing stands for its user name there. */
export function withoutSecretsInText(text: string): string {
  return text.replace(URLS, (url) => withoutSecrets(url).replace('***@', ''))
}

/**
 * An address as it may be shown: `***` stands for user name and password, for each value of the query and for the
 * fragment. The path stays; where it is a secret, the whole variable must not be shown.
 */
export function withoutSecrets(address: string): string {
  const scheme = SCHEME.exec(address)?.[0] ?? ''
  // A password that is not encoded may hold `/`, `?` and `#`.
  const end = address.lastIndexOf('@')
  const open = end < 0 ? address.slice(scheme.length) : `***@${address.slice(end + 1)}`
  return `${scheme}${withoutQuery(open)}`
}

function withoutQuery(address: string): string {
  const [beforeFragment = '', ...fragment] = address.split('#')
  const [place, ...query] = beforeFragment.split('?')
  const pairs = query.join('?').replace(/[^&]+/g, (pair) => `${pair.split('=', 1)[0]}=***`)
  return `${place}${query.length > 0 ? `?${pairs}` : ''}${fragment.length > 0 ? '#***' : ''}`
}
