// Jest's global tear-down: removes what make-bundles.js made.

import { rm } from 'node:fs/promises'
import { dirname } from 'node:path'

export default async function removeBundles() {
  const { TEST_WORKFLOW_BUNDLE: file } = process.env
  if (file) await rm(dirname(file), { recursive: true, force: true })
}
