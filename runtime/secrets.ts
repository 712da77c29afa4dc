// Removes secrets from URLs and from other values of the configuration before they are shown.

const SCHEME = /^[a-z][a-z\d+.-]{0,31}:\/\//i
const URLS = /\b[a-z][a-z\d+.-]{0,31}:\/\/[^\s"'`<>]*[^\s"'`<>.,;:)]/gi

/** A value of the configuration, or a list of values, without the secrets in their URLs. */
export function shownValue(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shownValue)
  return typeof value === 'string' ? withoutSecrets(value) : value
}

/** A text, such as the message of an error, without the secrets of the URLs in it. User names are removed without a `***`. */
export function withoutSecretsInText(text: string): string {
  return text.replace(URLS, (url) => withoutSecrets(url).replace('***@', ''))
}

/**
 * A URL as it may be shown: `***` replaces user name and password, each value of the query and the fragment. The path is kept:
 * where the path is a secret, the whole variable must not be shown.
 */
export function withoutSecrets(address: string): string {
  const scheme = SCHEME.exec(address)?.[0] ?? ''
  // A password that is not percent-encoded may have `/`, `?` and `#` in it.
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
