// Which folder may import which: the table of CONTRIBUTING.md, and what the code does.

/** What the files of one folder may import of the others. */
export type Allowed = {
  /** A folder with its trailing slash, or one file that has rules of its own. */
  readonly room: string
  readonly everything: boolean
  readonly values: readonly string[]
  readonly types: readonly string[]
}

export type Arrow = {
  readonly file: string
  readonly target: string
  readonly isType: boolean
}

const ROW = /^\| `([^`]+)`\s*\| (.*) \|$/

/** Rows of `folder | may import`, in Markdown; `types of` stands before what is imported by its types alone. */
export function readArrows(markdown: string): Allowed[] {
  const start = markdown.indexOf('| may import')
  const rows = markdown.slice(start).split('\n\n')[0]?.split('\n').slice(2) ?? []
  return rows.map((row) => {
    const [, room = '', cell = ''] = ROW.exec(row) ?? []
    if (room === '') throw new Error(`This row of the table names no folder: ${row}`)
    const [values = '', types = ''] = cell.split('types of')
    return {
      room,
      everything: cell.trim() === 'everything',
      values: roomsNamedIn(values),
      types: roomsNamedIn(types),
    }
  })
}

const roomsNamedIn = (text: string) => [...text.matchAll(/`([^`]+)`/g)].map(([, room = '']) => room)

/** The row with the longest path that holds the file. */
export function roomOf(file: string, table: readonly Allowed[]): Allowed | undefined {
  return table
    .filter(({ room }) => file === room || (room.endsWith('/') && file.startsWith(room)))
    .toSorted((one, other) => other.room.length - one.room.length)[0]
}

/** True within a room, and where the table allows it. */
export function isAllowed({ file, target, isType }: Arrow, table: readonly Allowed[]): boolean {
  const from = roomOf(file, table)
  const to = roomOf(target, table)
  if (!from || !to) return false
  if (from === to || from.everything || from.values.includes(to.room)) return true
  return isType && from.types.includes(to.room)
}

/** Groups of nodes that reach each other, by Tarjan's algorithm. */
export function cyclesIn(graph: ReadonlyMap<string, readonly string[]>): string[][] {
  const order = new Map<string, number>()
  const path: string[] = []
  const cycles: string[][] = []
  const visit = (node: string): number => {
    const index = order.size
    order.set(node, index)
    path.push(node)
    let low = index
    for (const next of graph.get(node) ?? []) {
      if (!order.has(next)) low = Math.min(low, visit(next))
      else if (path.includes(next)) low = Math.min(low, order.get(next) ?? low)
    }
    if (low !== index) return low
    const group = path.splice(path.indexOf(node))
    if (group.length > 1 || graph.get(node)?.includes(node)) cycles.push(group.toSorted())
    return low
  }
  for (const node of graph.keys()) if (!order.has(node)) visit(node)
  return cycles
}
