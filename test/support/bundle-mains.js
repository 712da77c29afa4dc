// Bundles the programs that tests start: a bundle starts in a third of the CPU time, because Node reads a few files
// instead of two thousand, and needs no tsx. Plain JavaScript, because Jest loads it before it can read TypeScript.

import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'esbuild'

const repoDir = fileURLToPath(new URL('../..', import.meta.url))

/** The programs of the tests, and the modules of their threads. */
const MAINS = [
  'bridge/main.ts',
  'cli/main.ts',
  'deploy/codec-server/main.ts',
  'deploy/local/bigquery/main.ts',
  'deploy/local/run-with-parent.ts',
  'deploy/local/segment/main.ts',
  'test/support/poison-worker/main.ts',
  'test/support/poison-worker/thread.ts',
  'test/support/warm-command/host.ts',
  'workers/activity-thread-main.ts',
  'workers/main.ts',
]

/** Packages with native code, and those that the Temporal worker needs only where it bundles workflows. */
const LEFT_OUT = [
  '@duckdb/node-api',
  '@temporalio/core-bridge',
  '@swc/core',
  'webpack',
  'swc-loader',
]

// A CommonJS package that a bundle holds requires Node's own modules by this name.
const BANNER = `import { createRequire as bundleRequire } from 'node:module'
const require = bundleRequire(import.meta.url)`

/** Writes `<folder>/<main>.js` for every main. A module finds the files that stand with its source. */
export async function bundleMains(folder) {
  await build({
    absWorkingDir: repoDir,
    entryPoints: MAINS,
    outbase: repoDir,
    outdir: folder,
    bundle: true,
    splitting: true,
    keepNames: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    external: LEFT_OUT,
    banner: { js: BANNER },
    logLevel: 'error',
    plugins: [
      { name: 'names', setup: keepNames },
      { name: 'places', setup: (bundler) => keepPlaces(bundler, folder) },
    ],
  })
}

/** A dynamic import of ours has the names that Node finds in a CommonJS package; esbuild alone gives it a default only. */
function keepNames(bundler) {
  bundler.onResolve({ filter: /^[@a-z][^:]*$/ }, ({ path, kind, importer }) =>
    kind === 'dynamic-import' && importer.endsWith('.ts')
      ? { path, namespace: 'imported' }
      : undefined,
  )
  bundler.onLoad({ filter: /^/, namespace: 'imported' }, async ({ path }) => {
    const names = Object.keys(await import(path)).filter((name) => !UNEXPORTED.includes(name))
    return { contents: `export { ${names.join(', ')} } from '${path}'`, resolveDir: repoDir }
  })
}

const UNEXPORTED = ['default', 'module.exports']

/** The place of a module is that of its source, but a thread is started from its bundle. */
function keepPlaces(bundler, folder) {
  bundler.onLoad({ filter: /\.[cm]?[jt]s$/ }, async ({ path }) => {
    const source = await readFile(path, 'utf8')
    if (!/import\.meta\.url|__dirname|__filename|require\.resolve/.test(source)) return undefined
    const loader = path.endsWith('ts') ? 'ts' : 'js'
    return { contents: placed(source, path, folder), loader }
  })
}

function placed(source, path, folder) {
  const url = JSON.stringify(pathToFileURL(path).href)
  return source
    .replace(/new URL\('(\.[^']*\.ts)', import\.meta\.url\)/g, (whole, name) => {
      const main = join(dirname(path), name).slice(repoDir.length)
      return MAINS.includes(main) ? `new URL(${JSON.stringify(bundleOf(folder, main))})` : whole
    })
    .replaceAll('import.meta.url', url)
    .replaceAll(/\b__dirname\b/g, JSON.stringify(dirname(path)))
    .replaceAll(/\b__filename\b/g, JSON.stringify(path))
    .replaceAll(/\brequire\.resolve\(/g, `require('node:module').createRequire(${url}).resolve(`)
}

const bundleOf = (folder, main) => pathToFileURL(join(folder, main.replace(/ts$/, 'js'))).href
