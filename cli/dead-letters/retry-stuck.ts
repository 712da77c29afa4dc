// `npm run dlq -- retry-stuck`: which runs make no progress, why, and what to do.

import { type Command, InvalidArgumentError, Option } from 'commander'
import { shortId } from '#operations/dead-letters/short-id'
import type { Stuck } from '#operations/stuck-runs/diagnose'
import { type Found, findStuck } from '#operations/stuck-runs/find'
import { type Hurried, retryNow } from '#operations/stuck-runs/retry-now'
import { connectClient, temporalAddress } from '#runtime/temporal'
import { findEnvironment } from '../environment.ts'
import { print } from '../output/print.ts'
import { render } from '../output/tables.ts'
import { ageOf } from './age.ts'
import { explain, PROBLEMS, refusalWords } from './stuck-words.ts'

type Options = {
  readonly attempts: number
  readonly minutes: number
  readonly limit: number
  readonly now?: boolean
  readonly json?: boolean
}

export function registerRetryStuck(program: Command): void {
  program
    .command('retry-stuck')
    .description('Find batches and dead letters whose runs make no progress, and say what to do.')
    .addOption(numberOption('--attempts <number>', 'failed attempts that are allowed', 3))
    .addOption(numberOption('--minutes <number>', 'minutes a run may take', 2))
    .addOption(numberOption('--limit <runs>', 'look at no more runs', 500))
    .option('--now', 'let activities that wait for their next attempt start it at once')
    .option('--json', 'print them as JSON')
    .addHelpText('after', HELP)
    .action(async (options: Options) => {
      Object.assign(process.env, await findEnvironment([]))
      process.exitCode = await retryStuck(options)
    })
}

const HELP = `
Runs continue by themselves once their cause is fixed, at their next attempt: within five minutes, or when the server that
refused them said. --now spares that wait. It changes nothing else: no event is skipped, and no step is undone.

Examples:
  npm run dlq -- retry-stuck
  npm run dlq -- retry-stuck --now
  npm run -s dlq -- retry-stuck --attempts 1 --json

Exit code: 0 where nothing is stuck, 1 where something is or Temporal does not answer, 2 if the command is wrong.`

async function retryStuck({ attempts, minutes, limit, now, json }: Options): Promise<number> {
  const client = await connectClient()
  try {
    const found = await findStuck(client, { attempts, limit, waitMs: minutes * 60_000 })
    const hurried = now ? await retryNow(client, found.stuck) : null
    print(json ? stuckJson(found, hurried) : stuckText(found, minutes, hurried))
    return found.stuck.length === 0 ? 0 : 1
  } finally {
    await client.connection.close()
  }
}

/** Pure. */
export function stuckJson({ stuck, ...counts }: Found, hurried: Hurried | null): string {
  const explained = stuck.map((one) => ({ ...one, ...PROBLEMS[one.problem] }))
  const refusals = Object.fromEntries(
    (hurried?.refusals ?? []).map((one) => [refusalWords(one), one.activities]),
  )
  return JSON.stringify(
    { stuck: explained, ...counts, ...(hurried && { hurried: hurried.hurried, refusals }) },
    null,
    2,
  )
}

/** Pure. @param hurried null where nothing was hurried */
export function stuckText(found: Found, minutes: number, hurried: Hurried | null): string {
  const { stuck, slow, looked } = found
  const lines = [summary(found, minutes)]
  if (stuck.length > 0) lines.push(render(stuck.map(rowOf), 'table'), ...explain(stuck))
  if (looked < slow) lines.push(`${slow - looked} more were not looked at: raise --limit.`)
  if (hurried) lines.push(...tellHurried(hurried))
  else if (stuck.some(({ waiting_activity_id }) => waiting_activity_id !== null))
    lines.push('Once the cause is fixed, --now lets them start their next attempt at once.')
  return lines.join('\n\n')
}

function summary({ stuck, slow }: Found, minutes: number): string {
  if (slow === 0)
    return `Nothing is stuck: no run of ${temporalAddress()} takes longer than ${minutes} min.`
  const all = slow === 1 ? '1 run takes' : `${slow} runs take`
  const runs = new Set(stuck.map(({ run_id }) => run_id)).size
  return `${all} longer than ${minutes} min, ${shareOf(runs, slow)}`
}

function shareOf(stuck: number, slow: number): string {
  if (stuck === 0) return slow === 1 ? 'and is not stuck.' : 'and none of them is stuck.'
  if (stuck === slow) return slow === 1 ? 'and is stuck:' : 'and all of them are stuck:'
  return `and ${stuck} of them ${stuck === 1 ? 'is' : 'are'} stuck:`
}

const rowOf = (one: Stuck) => ({
  id: one.id.startsWith('dead-letter/') ? shortId(one.id) : one.id,
  since: ageOf(one.since),
  step: one.step,
  attempt: one.attempt,
  'next try': one.next_try_at === null ? '' : clock(one.next_try_at),
  problem: one.problem,
})

function tellHurried({ hurried, refusals }: Hurried): string[] {
  if (hurried === 0 && refusals.length === 0) return ['Nothing waited for a next attempt.']
  const done = hurried === 1 ? '1 activity starts its' : `${hurried} activities start their`
  const refused = refusals.map(
    (one) => `${one.activities} could not be started at once: ${refusalWords(one)}`,
  )
  return [`${done} next attempt at once.`, ...refused]
}

/** For example `10:05:00 UTC`. */
const clock = (time: string) => `${time.slice(11, 19)} UTC`

function numberOption(flags: string, description: string, standard: number): Option {
  return new Option(flags, description).default(standard).argParser((value) => {
    if (!/^\d{1,6}$/.test(value)) throw new InvalidArgumentError('It must be a whole number.')
    return Number(value)
  })
}
