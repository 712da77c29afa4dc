// Compares texts by their code units, as times in RFC 3339 and ids are sorted.

/** For `toSorted`: negative where `one` comes first. */
export const compare = (one: string, other: string): number =>
  one < other ? -1 : Number(one > other)
