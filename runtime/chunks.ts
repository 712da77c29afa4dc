// Cuts a list into pieces that each fit a request, in order.

export type ChunkLimits = { readonly maxItems: number; readonly maxBytes: number }

/** Every item is in exactly one chunk; one larger than `maxBytes` has a chunk of its own. The same list gives the same chunks. */
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
