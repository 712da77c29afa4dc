// `npm run tracking-plan`: compares the tracking plan in Segment with the calls that this version makes, and replaces it.

import type { Command } from 'commander'
import type { Difference } from '#operations/tracking-plan/compare'
import { loadEnvironment } from './environment.ts'
import { anId } from './option-values.ts'
import { print } from './output/print.ts'
import { type Row, render } from './output/tables.ts'

type Options = { readonly json?: boolean; readonly plan?: string }

export function registerTrackingPlan(program: Command): void {
  const command = program
    .command('tracking-plan')
    .description("Segment's tracking plan of the calls: compare it, or replace its rules.")
  withOptions(command.command('diff').description(DIFF))
    .addHelpText('after', DIFF_HELP)
    .action(async (options: Options) => {
      const { diffTrackingPlan } = await import('#operations/tracking-plan/tracking-plan')
      const compared = await diffTrackingPlan(await loadEnvironment([]), options.plan)
      const { planId, differences } = compared
      if (options.json) print(JSON.stringify(compared))
      else if (differences.length === 0) print(`Plan ${planId} is that of this version.`)
      else printDifferences(differences)
      if (differences.length > 0) process.exitCode = 1
    })
  withOptions(command.command('push').description(PUSH))
    .addHelpText('after', PUSH_HELP)
    .action(async (options: Options) => {
      const { pushTrackingPlan } = await import('#operations/tracking-plan/tracking-plan')
      const pushed = await pushTrackingPlan(await loadEnvironment([]), options.plan)
      const { planId, differences, isChanged } = pushed
      if (options.json) return print(JSON.stringify(pushed))
      if (!isChanged) return print(`Plan ${planId} is that of this version: nothing was changed.`)
      printDifferences(differences)
      print(`The rules of plan ${planId} were replaced.`)
    })
}

const withOptions = (command: Command) =>
  command
    .option('--plan <id>', 'the plan (default: SEGMENT_TRACKING_PLAN_ID)', anId)
    .option('--json', 'print the result as JSON')

const DIFF = 'Compare the plan in Segment with the calls that this version makes.'
const PUSH = 'Replace all rules of the plan in Segment by those of this version.'

const DIFF_HELP = `
Examples:
  npm run tracking-plan -- diff
  npm run -s tracking-plan -- diff --plan tp_2aB3 --json

Exit code: 0 if the plan is that of this version, 1 if it differs, 2 if it could not be compared.`

const PUSH_HELP = `
Examples:
  npm run tracking-plan -- push
  npm run -s tracking-plan -- push --json

The plan must hold the calls of this pipeline only: rules of other events are removed. See what would change with diff.
Exit code: 0 if the plan is that of this version now, 2 if not.`

const MEANING: Readonly<Record<Difference['kind'], string>> = {
  missing: 'missing in Segment',
  unknown: 'unknown to this version: push removes it',
  changed: 'another schema',
}

function printDifferences(differences: readonly Difference[]): void {
  const rows = differences.map(
    ({ key, version, kind, paths }): Row => ({
      call: key,
      version,
      difference: MEANING[kind],
      where: paths.join(' '),
    }),
  )
  print(render(rows, 'table'))
}
