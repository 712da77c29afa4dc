// Cuts a list into consecutive chunks: chunks that each fit a request, or two halves.

export type ChunkLimits = { readonly maxItems: number; readonly maxBytes: number }

/** Every item is in exactly one chunk. An item larger than `maxBytes` has a chunk of its own. The same list gives the same chunks. */
export function chunksOf<T>(
  items: Iterable<T>,
  bytesOf: (item: T) => number,
  { maxItems, maxBytes }: ChunkLimits,
): T[][] {
  const chunks: T[][] = []
  let bytes = 0
  for (const item of items) {
    const size = bytesOf(item)
    const current = chunks.at(-1)
    if (current && current.length < maxItems && bytes + size <= maxBytes) {
      current.push(item)
      bytes += size
    } else {
      chunks.push([item])
      bytes = size
    }
  }
  return chunks
}

/** The first half of a list and the second, which has one item less where their number is odd. */
export function halvesOf<T>(items: readonly T[]): [first: T[], second: T[]] {
  const middle = Math.ceil(items.length / 2)
  return [items.slice(0, middle), items.slice(middle)]
}
