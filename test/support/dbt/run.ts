// dbt in tests: installed when it is asked for, and run against a server.

import { fileURLToPath } from 'node:url'
import { type Dbt, ensureDbt, findDbt } from '../../../deploy/local/dbt/install.ts'
import { runDbt } from '../../../deploy/local/dbt/run.ts'

/** How to run the tests that need dbt. */
export const HOW_TO_INSTALL = 'DBT_TESTS=1 npm run jest -- dbt'

/** dbt, 700 MB, which is installed with `DBT_TESTS=1` alone; undefined without it. */
export const dbtInTests = (): Promise<Dbt | undefined> =>
  process.env['DBT_TESTS'] === '1' ? ensureDbt() : findDbt()

/** The small project in this folder, which has what the product's own project does not use: a seed and a table. */
export const SMALL_PROJECT = fileURLToPath(new URL('project', import.meta.url))

/**
 * Runs dbt against the local BigQuery at `url`.
 * @param folder receives what dbt writes
 * @param projectDir @default the product's project
 * @returns the exit code, and everything it said
 */
export async function dbtAt(
  dbt: Dbt,
  url: string,
  args: readonly string[],
  {
    folder,
    ...rest
  }: {
    readonly folder: string
    readonly projectDir?: string
    readonly env?: Readonly<Record<string, string>>
  },
) {
  const place = { target: 'local', project: 'local', url } as const
  const { code, printed } = await runDbt(dbt, place, [...args, '--no-use-colors'], {
    ...rest,
    folder,
    stdio: 'pipe',
  })
  return { code, said: printed }
}
