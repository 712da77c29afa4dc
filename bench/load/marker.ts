// The order id of a bench event: which event it is, when it was sent and by whom, readable in any sink's bytes.

/** `bench-` number (12 digits) `-` milliseconds since the epoch (13 digits) `-` group (1 letter). */
export type Marker = {
  readonly number: number
  /** 0 where no latency is measured. */
  readonly sentAt: number
  readonly group: string
}

export const MARKER_PREFIX = 'bench-'
const NUMBER_DIGITS = 12
const TIME_DIGITS = 13

export const MARKER_LENGTH = MARKER_PREFIX.length + NUMBER_DIGITS + 1 + TIME_DIGITS + 2

export function writeMarker({ number, sentAt, group }: Marker): string {
  const digits = String(number).padStart(NUMBER_DIGITS, '0')
  return `${MARKER_PREFIX}${digits}-${String(sentAt).padStart(TIME_DIGITS, '0')}-${group}`
}

/** @param at where the prefix begins */
export function readMarker(bytes: Buffer, at: number): Marker {
  const number = at + MARKER_PREFIX.length
  const time = number + NUMBER_DIGITS + 1
  return {
    number: readDigits(bytes, number, NUMBER_DIGITS),
    sentAt: readDigits(bytes, time, TIME_DIGITS),
    group: String.fromCharCode(bytes[time + TIME_DIGITS + 1] ?? 0),
  }
}

const ZERO = 48

function readDigits(bytes: Buffer, from: number, digits: number): number {
  let value = 0
  for (let at = from; at < from + digits; at++) value = value * 10 + (bytes[at] ?? ZERO) - ZERO
  return value
}
