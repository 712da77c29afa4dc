// Folders that hold events, and with them personal data: only the user who runs the stack may read them.

import { chmod, mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'

const forOwner = { folder: 0o700, file: 0o600 }

/** Makes a folder of the stack's own, or takes others' rights from one that is there and from the files in it. */
export async function makePrivateFolder(dir: string): Promise<void> {
  await mkdir(dir, { recursive: true })
  await chmod(dir, forOwner.folder)
  const entries = await readdir(dir, { withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile()).map(({ name }) => join(dir, name))
  await Promise.all(files.map((file) => chmod(file, forOwner.file).catch(ignoreMissing)))
}

/** Another stack may have removed its file meanwhile. */
function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error
}
