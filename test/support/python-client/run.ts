// Runs the everyday calls of Google's Python client against a server.

import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { installOnce } from '../../../deploy/local/install.ts'
import { stackDir } from '../../../deploy/local/paths.ts'
import { pipInstall } from '../../../deploy/local/pip.ts'
import { startProgram } from '../run-command.ts'

const here = (name: string) => fileURLToPath(new URL(name, import.meta.url))
const PYTHON = 'python3'

/** What each call answered, or the class and text of its error. The first run on a machine installs the client. */
export async function everydayCalls(url: string): Promise<Readonly<Record<string, unknown>>> {
  const env = { PYTHONPATH: await installClient() }
  const { finished } = startProgram(PYTHON, [here('everyday_calls.py'), url], env)
  const { code, stdout, stderr } = await finished
  if (code !== 0) throw new Error(stderr)
  return JSON.parse(stdout)
}

const installClient = () =>
  installOnce(
    join(stackDir, 'tools'),
    'python-client',
    [here('requirements.txt')],
    async (target) => {
      const logFile = join(stackDir, 'logs', 'install-python-client.log')
      await pipInstall({ python: PYTHON, requirements: here('requirements.txt'), target, logFile })
    },
  )
