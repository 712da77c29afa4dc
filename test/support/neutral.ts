// What no output may hold, written down apart from the code that keeps it out.

/** First and last code point of each kind of character that steers a terminal, or cannot be seen. */
const UNSAFE: readonly (readonly [number, number, string])[] = [
  [0x00, 0x08, 'C0 control'],
  [0x0b, 0x1f, 'C0 control'],
  [0x7f, 0x7f, 'delete'],
  [0x80, 0x9f, 'C1 control'],
  [0xad, 0xad, 'soft hyphen'],
  [0x34f, 0x34f, 'grapheme joiner'],
  [0x61c, 0x61c, 'bidirectional mark'],
  [0x115f, 0x1160, 'Hangul filler'],
  [0x180b, 0x180f, 'Mongolian selector'],
  [0x200b, 0x200f, 'zero width, or a bidirectional mark'],
  [0x2028, 0x2029, 'line or paragraph separator'],
  [0x202a, 0x202e, 'bidirectional embedding or override'],
  [0x2060, 0x206f, 'word joiner, or a bidirectional isolate'],
  [0x3164, 0x3164, 'Hangul filler'],
  [0xd800, 0xdfff, 'lone surrogate'],
  [0xe000, 0xf8ff, 'private use'],
  [0xfe00, 0xfe0f, 'variation selector'],
  [0xfeff, 0xfeff, 'byte-order mark'],
  [0xffa0, 0xffa0, 'Hangul filler'],
  [0xfff0, 0xfffb, 'interlinear annotation'],
  [0xfffe, 0xffff, 'noncharacter'],
  [0x1d173, 0x1d17a, 'musical format'],
  [0xe0000, 0xe0fff, 'tag or variation selector'],
  [0xf0000, 0x10ffff, 'private use'],
]

/** For example `U+202E bidirectional embedding or override`; empty where a terminal shows `text` as it is. */
export function unsafeIn(text: string): string[] {
  const found = Array.from(text, (character) => {
    const point = character.codePointAt(0) ?? 0
    const kind = UNSAFE.find(([first, last]) => first <= point && point <= last)
    return kind ? `U+${point.toString(16).toUpperCase().padStart(4, '0')} ${kind[2]}` : ''
  })
  return [...new Set(found)].filter((one) => one !== '')
}
