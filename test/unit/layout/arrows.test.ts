// The arrows between the folders: CONTRIBUTING.md says them, the code keeps them, lint enforces them.

import { readFileSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import { type Arrow, cyclesIn, isAllowed, readArrows, roomOf } from '../../support/arrows.ts'
import { COMPUTED, importsIn, resolvedImports } from '../../support/imports.ts'
import { sourceFiles } from '../../support/source-files.ts'

const TABLE = readArrows(readFileSync('CONTRIBUTING.md', 'utf8'))
const FILES = sourceFiles()
const IMPORTS = FILES.flatMap((file) => resolvedImports(file).map((each) => ({ file, ...each })))
const ARROWS = IMPORTS.flatMap(({ file, target, isType }) =>
  target ? { file, target, isType } : [],
)

const written = ({ file, target }: Arrow) => `${file} imports ${target}`

test('every source file is in a folder of the table', () => {
  expect(FILES.length).toBeGreaterThan(400)
  expect(FILES.filter((file) => !roomOf(file, TABLE))).toEqual([])
})

test('every file imports what the table allows, types included', () => {
  expect(ARROWS.length).toBeGreaterThan(1_500)
  expect(ARROWS.filter((arrow) => !isAllowed(arrow, TABLE)).map(written)).toEqual([])
})

test('the files that are imported exist', () => {
  expect(ARROWS.filter(({ target }) => !FILES.includes(target)).map(written)).toEqual([])
})

const graphOf = (arrows: readonly Arrow[]) =>
  new Map(
    FILES.map((file) => [
      file,
      arrows.filter((arrow) => arrow.file === file).map(({ target }) => target),
    ]),
  )

test('no files import each other in a circle, by types or dynamically', () => {
  expect(cyclesIn(graphOf(ARROWS))).toEqual([])
})

test('the arrows of the table point one way', () => {
  const graph = new Map(TABLE.map(({ room, values, types }) => [room, [...values, ...types]]))
  expect(cyclesIn(graph)).toEqual([])
})

test('the table names folders that it has rows for', () => {
  const rooms = TABLE.map(({ room }) => room)
  const named = TABLE.flatMap(({ values, types }) => [...values, ...types])
  expect(named.filter((room) => !rooms.includes(room))).toEqual([])
})

test('the folders of the local BigQuery import only those above them in its table', () => {
  const home = 'deploy/local/bigquery/'
  const rows = readFileSync(`${home}README.md`, 'utf8').matchAll(/^\| `(\w+\/)`/gm)
  const rooms = Array.from(rows, ([, room = '']) => `${home}${room}`)
  const rankOf = (file: string) => rooms.findIndex((room) => file.startsWith(room))
  const inner = ARROWS.filter(({ file, target }) => rankOf(file) >= 0 && target.startsWith(home))
  expect(inner.length).toBeGreaterThan(100)
  const upward = ({ file, target }: Arrow) => rankOf(target) < 0 || rankOf(target) > rankOf(file)
  expect(inner.filter(upward).map(written)).toEqual([])
})

test('outside of tests, only the entry of activity threads computes what it imports', () => {
  const computed = IMPORTS.filter(
    ({ file, specifier }) => specifier === COMPUTED && !file.startsWith('test/'),
  )
  expect(computed.map(({ file }) => file)).toEqual(['workers/isolation/thread-entry.js'])
})

describe('reading imports', () => {
  test.each([
    ["import { a } from '#runtime/a'", '#runtime/a', false],
    ["import '../a.ts'", '../a.ts', false],
    ["import a, {\n  type B,\n} from '../a.ts'", '../a.ts', false],
    ["import type { A } from '../a.ts'", '../a.ts', true],
    ["export { a } from '../a.ts'", '../a.ts', false],
    ["export type { A } from '../a.ts'", '../a.ts', true],
    ["export * from '../a.ts'", '../a.ts', false],
    ["export * as a from '../a.ts'", '../a.ts', false],
    ["const a = await import('../a.ts')", '../a.ts', false],
    ['const a = await import(`../a.ts`)', '../a.ts', false],
    ["type A = import('../a.ts').A", '../a.ts', true],
    ["let a: typeof import('../a.ts')", '../a.ts', true],
    ["import a = require('../a.ts')", '../a.ts', false],
    ["new Worker(new URL('../a.ts', import.meta.url))", '../a.ts', false],
    ["new URL('a.js', import.meta.url)", './a.js', false],
    ['await import(`../${name}.ts`)', COMPUTED, false],
  ])('%s', (source, specifier, isType) => {
    expect(importsIn(source)).toEqual([expect.objectContaining({ specifier, isType })])
  })

  test.each(["// import '../a.ts'", 'const text = "import \'../a.ts\'"', 'export const a = 1'])(
    'none in %s',
    (source) => expect(importsIn(source)).toEqual([]),
  )
})

test('circles are found whatever their length', () => {
  const graph = { a: ['b'], b: ['c'], c: ['a', 'd'], d: ['e'], e: ['d'], f: ['f'], g: ['a'] }
  expect(cyclesIn(new Map(Object.entries(graph)))).toEqual([['d', 'e'], ['a', 'b', 'c'], ['f']])
})
