// Bundles the workflows into the file its argument names, for WORKFLOW_BUNDLE: a worker then starts without bundling.

import { Buffer } from 'node:buffer'
import { writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { type BundleOptions, bundleWorkflowCode } from '@temporalio/worker'
import { UsageError } from '#runtime/errors'
import { runMain } from '#runtime/main'
import { WORKFLOWS_PATH } from './options.ts'

const REPOSITORY = fileURLToPath(new URL('..', import.meta.url))

type ConfigHook = NonNullable<BundleOptions['webpackConfigHook']>

/** Webpack has the path of a module that it leaves out as an absolute one. */
const relativePath = ({ resourcePath }: { readonly resourcePath: string }) =>
  resourcePath.replace(REPOSITORY, './')

/** The source map names each file by its path in the repository, so that the bundle is the same in every checkout. */
const nameByRelativePath: ConfigHook = (config) => ({
  ...config,
  context: REPOSITORY,
  output: { ...config.output, devtoolModuleFilenameTemplate: relativePath },
})

async function main(): Promise<void> {
  const [file] = process.argv.slice(2)
  if (!file)
    throw new UsageError('Usage: node --import tsx/esm workers/build-workflow-bundle.ts FILE')
  const { code } = await bundleWorkflowCode({
    workflowsPath: WORKFLOWS_PATH,
    webpackConfigHook: nameByRelativePath,
  })
  await writeFile(file, code)
  process.stdout.write(`${file}: ${Math.ceil(Buffer.byteLength(code) / 1024)} KB\n`)
}

await runMain(main)
