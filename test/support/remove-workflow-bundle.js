// Jest's global tear-down: removes what bundle-workflows.js made.

import { rm } from 'node:fs/promises'

export default async function removeWorkflowBundle() {
  await rm(process.env.TEST_WORKFLOW_BUNDLE ?? '', { force: true })
}
