// The folders that README.md and CONTRIBUTING.md describe are those on disk.

import { existsSync, readFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { foldersIn } from '../../support/source-files.ts'

/** Within these, folders follow the code they test, or the tool that reads them. */
const NOT_DESCRIBED = /^(test\/\w+|bench\/peers|deploy\/grafana|deploy\/terraform)\//

const described = foldersIn().filter((folder) => !NOT_DESCRIBED.test(folder))

test("README's table has a row for each top folder, and for no other", () => {
  const rows = readFileSync('README.md', 'utf8').matchAll(/^\| `([\w-]+)\/`\s+\| \S/gm)
  const top = described.filter((folder) => !folder.includes('/'))
  expect(Array.from(rows, ([, folder = '']) => folder).toSorted()).toEqual(top.toSorted())
})

test("CONTRIBUTING's tree has a line for each folder, and for no other", () => {
  expect(readTree(readFileSync('CONTRIBUTING.md', 'utf8')).toSorted()).toEqual(described.toSorted())
})

test('no file stands beside a folder of its name', () => {
  const files = new Set(described.flatMap((folder) => [`${folder}.ts`, `${folder}.js`]))
  const twins = [...files].filter((file) => existsSync(file))
  expect(twins).toEqual([])
})

test('the files that README names to begin with exist', () => {
  const text = readFileSync('README.md', 'utf8')
  const links = Array.from(text.matchAll(/\]\(([\w./-]+)\)/g), ([, path = '']) => path)
  expect(links.length).toBeGreaterThan(10)
  expect(links.filter((path) => !existsSync(path))).toEqual([])
})

/** Two blanks for each level; a description after each name. */
function readTree(markdown: string): string[] {
  const path: string[] = []
  return Array.from(markdown.matchAll(/^( *)([\w-]+)\/ +\S/gm), ([, indent = '', name = '']) => {
    path.length = indent.length / 2
    path.push(name)
    return path.join('/')
  })
}
