// Names the folders of the local stack.

import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The repository's root folder. */
export const repoDir = fileURLToPath(new URL('../..', import.meta.url))

/** Where everything the stack installs, stores and logs lives; git-ignored, safe to delete. */
export const stackDir = join(repoDir, '.stack')
