// `npm run doctor`: checks the environment, and prints the results and the findings.

import { visibleInLine } from '#contracts/visible'
import { examine } from '#operations/doctor/doctor'
import type { CheckResult, Finding } from '#operations/doctor/finding'
import { findEnvironment, loadEnvironment } from '../environment.ts'
import { print } from '../output/print.ts'
import { type Row, render } from '../output/tables.ts'

export type DoctorOptions = { readonly json?: boolean }

const PARTS = ['PUBSUB_EMULATOR_HOST', 'BIGQUERY_EMULATOR_HOST'] as const

/** @returns the exit code */
export async function runDoctor({ json }: DoctorOptions): Promise<number> {
  const environment = await findEnvironment(PARTS)
  const config = await loadEnvironment(PARTS)
  const results = await examine(config, environment)
  print(json ? JSON.stringify(results, null, 2) : resultText(results))
  return exitCodeOf(results)
}

/** Pure. */
export const exitCodeOf = (results: readonly CheckResult[]): number =>
  results.some(({ state }) => state === 'error') ? 1 : 0

/** The checks, then what is wrong and how to fix it, then one sentence. Pure. */
export function resultText(results: readonly CheckResult[]): string {
  const checks = results.map(({ check, state, seen }): Row => ({ check, state, seen }))
  const findings = results.flatMap((result) => result.findings)
  return [render(checks, 'table'), ...findings.map(findingText), conclusion(results)].join('\n')
}

/** Three lines: a cell of a table would cut what a person has to read whole. */
const findingText = ({ severity, where, what, fix }: Finding): string =>
  [`${severity}: ${where}`, what, `Fix: ${fix}`].map(visibleInLine).join('\n  ')

function conclusion(results: readonly CheckResult[]): string {
  const count = (severity: string) =>
    results.flatMap(({ findings }) => findings).filter((one) => one.severity === severity).length
  const skipped = results.filter(({ state }) => state === 'skipped').length
  const parts = [
    counted(count('error'), 'error'),
    counted(count('warning'), 'warning'),
    ...(skipped > 0 ? [`${skipped} of ${results.length} checks skipped`] : []),
  ]
  return `${parts.join(', ')}.`
}

const counted = (count: number, what: string) => `${count} ${what}${count === 1 ? '' : 's'}`
