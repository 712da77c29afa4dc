// Where to cut a batch that a worker cannot finish. Pure.

/** From this index to before that one. */
export type Span = { readonly from: number; readonly to: number }

/** The square root of the 2,000 events that a batch may have. */
const MAX_SPANS = 45

/**
 * Cuts `length` messages, two at least, into shorter spans that together are all of them. With a suspect it stands
 * alone, behind the others. Without one, two rounds find the message at fault in any batch of the bridge.
 */
export function cut(length: number, suspect: number | null): Span[] {
  if (suspect !== null && suspect >= 0 && suspect < length) return aroundSuspect(length, suspect)
  const size = Math.ceil(length / Math.min(length, MAX_SPANS))
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
