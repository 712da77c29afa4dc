// Where to cut a batch that a worker cannot finish. Pure.

/** From this index to before that one. */
export type Span = { readonly from: number; readonly to: number }

/**
 * Cuts `length` messages, two at least, into shorter spans that together are all of them. With a suspect it stands
 * alone, behind the others. Without one there are about as many spans as each has messages, so that two rounds find
 * the message at fault.
 */
export function cut(length: number, suspect: number | null): Span[] {
  if (suspect !== null && suspect >= 0 && suspect < length) return aroundSuspect(length, suspect)
  const spans = Math.ceil(Math.sqrt(length))
  const size = Math.ceil(length / spans)
  return Array.from({ length: Math.ceil(length / size) }, (_, place) => ({
    from: place * size,
    to: Math.min((place + 1) * size, length),
  }))
}

function aroundSuspect(length: number, suspect: number): Span[] {
  const spans = [
    { from: 0, to: suspect },
    { from: suspect + 1, to: length },
    { from: suspect, to: suspect + 1 },
  ]
  return spans.filter(({ from, to }) => to > from)
}
