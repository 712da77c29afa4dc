// `npm run dlq` as an operator types it, and what its `--json` says.

import type { Finished } from './run-command.ts'
import { runWarmCommand } from './warm-command/run.ts'

export type Dlq = {
  readonly dlq: (...args: string[]) => Promise<Finished>
  // oxlint-disable-next-line typescript/no-explicit-any -- each test says what it expects of it
  readonly json: (...args: string[]) => Promise<any>
}

/** @param env of the stack it works on, which is there when a command is run */
export function dlqOf(env: () => Readonly<Record<string, string>>): Dlq {
  const dlq: Dlq['dlq'] = (...args) =>
    runWarmCommand(['dlq', ...args], { ...env(), GOOGLE_CLOUD_PROJECT: 'local' })
  const json: Dlq['json'] = async (...args) => {
    const { code, stdout, stderr } = await dlq(...args, '--json')
    if (stdout === '') throw new Error(`exit code ${code}: ${stderr}`)
    return JSON.parse(stdout)
  }
  return { dlq, json }
}
