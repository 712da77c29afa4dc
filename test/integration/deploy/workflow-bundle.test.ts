// The file that an image brings for WORKFLOW_BUNDLE: built by the script the image's build runs, then loaded.

import { AsyncLocalStorage } from 'node:async_hooks'
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { promisify } from 'node:util'
import { createContext, runInContext } from 'node:vm'
import { expect, test } from '@jest/globals'
import { z } from 'zod'
import { workflowBundle } from '../../support/workflows.ts'

const run = promisify(execFile)
/** Jest's set-up builds it by the same script. */
const bundle = readFileSync(workflowBundle().codePath, 'utf8')

test('it holds the six workflows and nothing else', () => {
  // What the bundle's first lines use of the sandbox that Temporal's worker makes.
  const sandbox = { __webpack_module_cache__: {}, AsyncLocalStorage, TextEncoder, TextDecoder }
  const context = createContext(sandbox)
  runInContext(bundle, context)
  const names: unknown = runInContext('Object.keys(__TEMPORAL__.importWorkflows()).join()', context)
  expect(names).toBe('activateLater,deadLetter,eraseCustomer,governActivation,processBatch,sweep')
})

// Every run of a workflow evaluates the bundle: what only activities need would cost each of them.
test.each(['zod', 'pino', '@google-cloud', 'lossless-json', 'node:zlib'])(
  'it has no %s in it',
  (name) => {
    expect(modules()).not.toContainEqual(expect.stringContaining(name))
  },
)

test('it is small: under 2 MB with its source map', () => {
  expect(modules().length).toBeGreaterThan(50)
  expect(bundle.length).toBeLessThan(2_000_000)
})

test('its source map names files by their paths in the repository, so that no checkout makes a larger one', () => {
  const { sources } = sourceMap()
  expect(sources).toContain('./workflows/process-batch.ts')
  expect(sources.filter((source) => source.includes(process.cwd()))).toEqual([])
})

test('without a file to write it says how it is called, with code 2', async () => {
  const script = ['--import', 'tsx/esm', 'workers/build-workflow-bundle.ts']
  await expect(run(process.execPath, script)).rejects.toMatchObject({
    code: 2,
    stderr: expect.stringContaining('build-workflow-bundle.ts FILE'),
  })
})

/** The modules by the names the bundler gives them. */
function modules(): string[] {
  return [...bundle.matchAll(/^\/\*\*\*\/ "([^"]+)"/gm)].map(([, name = '']) => name)
}

function sourceMap() {
  const [, encoded = ''] =
    /sourceMappingURL=data:application\/json;[^,]*base64,(\S+)/.exec(bundle) ?? []
  const map: unknown = JSON.parse(Buffer.from(encoded, 'base64').toString())
  return z.object({ sources: z.string().array() }).parse(map)
}
