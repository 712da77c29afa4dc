// Jest's global set-up: bundles the workflows once for all test files and their workers. Plain JavaScript, because
// Jest loads it before it can read TypeScript.

import { execFile } from 'node:child_process'
import { mkdir } from 'node:fs/promises'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** Sets TEST_WORKFLOW_BUNDLE to a file of this run alone, which Jest's own workers inherit. */
export default async function bundleWorkflows() {
  const folder = new URL('../../.stack/test/', import.meta.url).pathname
  const file = `${folder}workflow-bundle-${process.pid}.js`
  await mkdir(folder, { recursive: true })
  const script = ['--import=tsx/esm', 'workers/build-workflow-bundle.ts', file]
  await run(process.execPath, script, { cwd: new URL('../..', import.meta.url) })
  process.env.TEST_WORKFLOW_BUNDLE = file
}
