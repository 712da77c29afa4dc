// Finds the programs of this machine by their names.

import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

/** The first file of this name on the PATH that can be run. */
export const findProgram = (name: string): string | undefined =>
  (process.env['PATH'] ?? '')
    .split(delimiter)
    .map((folder) => join(folder, name))
    .find(isExecutable)

export function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}
