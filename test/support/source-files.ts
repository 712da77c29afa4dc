// The source files of this repository, as they are on disk.

import { readdirSync } from 'node:fs'
import { join } from 'node:path'

/** What git ignores, and folders that hold no part of the product. */
const LEFT_OUT = /^\.|^node_modules$|^__pycache__$/

/** Every folder below `folder`, by its path from the repository's root. */
export function foldersIn(folder = '.'): string[] {
  const folders = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !LEFT_OUT.test(entry.name))
    .map(({ name }) => join(folder, name))
  return folders.flatMap((each) => [each, ...foldersIn(each)])
}

/** Every TypeScript and JavaScript file, by its path from the repository's root. */
export function sourceFiles(): string[] {
  return foldersIn().flatMap((folder) =>
    readdirSync(folder)
      .filter((name) => /\.[jt]s$/.test(name))
      .map((name) => join(folder, name)),
  )
}
