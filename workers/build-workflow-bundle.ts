// Bundles the workflows into the file its argument names, for WORKFLOW_BUNDLE: a worker then starts without bundling.

import { Buffer } from 'node:buffer'
import { writeFile } from 'node:fs/promises'
import { bundleWorkflowCode } from '@temporalio/worker'
import { UsageError } from '#runtime/errors'
import { runMain } from '#runtime/main'
import { WORKFLOWS_PATH } from './options.ts'

async function main(): Promise<void> {
  const [file] = process.argv.slice(2)
  if (!file)
    throw new UsageError('Usage: node --import tsx/esm workers/build-workflow-bundle.ts FILE')
  const { code } = await bundleWorkflowCode({ workflowsPath: WORKFLOWS_PATH })
  await writeFile(file, code)
  process.stdout.write(`${file}: ${Math.ceil(Buffer.byteLength(code) / 1024)} KB\n`)
}

await runMain(main)
