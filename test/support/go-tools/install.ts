// Programs in Go that tests run: built once from their modules, by the versions and hashes of go.mod and go.sum.

import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { installOnce, runInstaller } from '../../../deploy/local/install.ts'
import { stackDir } from '../../../deploy/local/paths.ts'

const here = (name: string) => fileURLToPath(new URL(name, import.meta.url))

const PACKAGES = {
  actionlint: 'github.com/rhysd/actionlint/cmd/actionlint',
  kustomize: 'sigs.k8s.io/kustomize/kustomize/v5',
}

/** Enough to compile one of them on a busy machine. */
export const BUILD_LIMIT_MS = 600_000

/** What a test that needs one says where there is no Go. */
export const NO_GO = 'skipped, there is no Go on the PATH: install Go 1.26 or newer'

export const hasGo = spawnSync('go', ['version']).status === 0

/** The path of the program; the first time on a machine takes a minute and the network. */
export async function goTool(name: keyof typeof PACKAGES): Promise<string> {
  const installed = await installOnce(
    join(stackDir, 'tools'),
    name,
    [here('go.mod'), here('go.sum')],
    (draft) =>
      runInstaller({
        command: 'go',
        args: ['build', '-trimpath', '-buildvcs=false', '-o', join(draft, name), PACKAGES[name]],
        cwd: here('.'),
        logFile: join(stackDir, 'logs', `install-${name}.log`),
      }),
  )
  return join(installed, name)
}
