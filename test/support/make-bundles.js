// Jest's global set-up: bundles the workflows, and the programs that tests start, once for all test files. Plain
// JavaScript, because Jest loads it before it can read TypeScript.

import { execFile } from 'node:child_process'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { bundleMains } from './bundle-mains.js'

const run = promisify(execFile)
const repoDir = fileURLToPath(new URL('../..', import.meta.url))

/** Sets TEST_WORKFLOW_BUNDLE and BUNDLED_MAINS, which Jest's own workers inherit, to files of this run alone. */
export default async function makeBundles() {
  const folder = join(repoDir, '.stack/test', `bundles-${process.pid}`)
  const workflows = join(folder, 'workflows.js')
  const mains = join(folder, 'mains')
  await mkdir(folder, { recursive: true })
  const script = ['--import=tsx/esm', 'workers/build-workflow-bundle.ts', workflows]
  await Promise.all([run(process.execPath, script, { cwd: repoDir }), bundleMains(mains)])
  Object.assign(process.env, { TEST_WORKFLOW_BUNDLE: workflows, BUNDLED_MAINS: mains })
}
