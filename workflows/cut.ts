// Decides where to cut a batch with which a worker cannot finish a step. Pure.

/** The messages from index `from` up to, and without, index `to`. */
export type Span = { readonly from: number; readonly to: number }

/** The square root of the 2,000 events that a batch may have. */
const MAX_SPANS = 45

/**
 * Cuts `length` messages, two at least, into shorter spans that together have all messages. A suspect gets a span of its own,
 * the last one. Without a suspect, two rounds of cutting isolate the message in any batch of the bridge.
 * @param suspect index of the message that was being read when the step was stopped; null where none is known
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
