// A real Prometheus that scrapes processes of a test, and what it answers.

import { spawnSync } from 'node:child_process'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { stringify } from 'yaml'
import { z } from 'zod'
import { freePort } from '../../deploy/local/probes.ts'
import { type RunningProcess, startProcess, wrappedCommand } from '../../deploy/local/process.ts'
import { findProgram } from './programs.ts'
import { waitFor } from './wait-for.ts'

/** What a test that needs it says where there is none. */
export const NO_PROMETHEUS =
  'skipped, there is no prometheus with promtool on the PATH: apt-get install --no-install-recommends prometheus'

/** Whether Debian's package prometheus, or another build of prometheus and promtool, is on the PATH. */
export const hasPrometheus = (): boolean =>
  ['prometheus', 'promtool'].every((name) => findProgram(name) !== undefined)

/** @returns what promtool printed, and its exit code */
export function promtool(...args: readonly string[]): { code: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync('promtool', args, { encoding: 'utf8' })
  return { code: status, output: `${stdout}${stderr}` }
}

export type Series = {
  readonly labels: Readonly<Record<string, string>>
  /** Pairs of Unix time in seconds and value; values that are not a number are left out. */
  readonly points: readonly (readonly [number, number])[]
}

export type Prometheus = {
  /** @throws where Prometheus refuses the expression */
  readonly range: (expr: string, span: Span) => Promise<readonly Series[]>
  /** The rules that Prometheus could not evaluate, with its error. */
  readonly brokenRules: () => Promise<readonly string[]>
  /** Resolves when the expression has a value. */
  readonly hasValue: (expr: string) => Promise<void>
  /** Resolves when a scrape that began after the call is stored, for every target. */
  readonly scraped: () => Promise<void>
  readonly stop: RunningProcess['stop']
}

/** Unix times and a step, in seconds. */
export type Span = { readonly from: number; readonly to: number; readonly step: number }

const rangeAnswer = z.object({
  data: z.object({
    result: z.array(
      z.object({
        metric: z.record(z.string(), z.string()),
        values: z.array(z.tuple([z.number(), z.string()])),
      }),
    ),
  }),
})

/**
 * Starts it on a free port, with the rules that are delivered, and with an empty folder in that of the logs.
 * @param targets the address of each process, by the name of its job
 */
export async function startPrometheus(
  logDir: string,
  targets: Readonly<Record<string, string>>,
): Promise<Prometheus> {
  const folder = join(logDir, 'prometheus')
  const config = join(folder, 'prometheus.yml')
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { recursive: true })
  await writeFile(config, stringify(configOf(targets)))
  const address = `127.0.0.1:${await freePort()}`
  const running = await startProcess({
    name: 'prometheus',
    command: wrappedCommand(
      'prometheus',
      `--config.file=${config}`,
      `--storage.tsdb.path=${folder}/data`,
      `--web.listen-address=${address}`,
    ),
    logDir,
    ready: async () => ((await isReady(address)) ? address : undefined),
  })
  const api = `http://${address}/api/v1`
  return {
    range: (expr, span) => queryRange(api, expr, span),
    brokenRules: () => brokenRules(api),
    hasValue: (expr) => hasValue(api, expr),
    scraped: () => nextScrape(api, Object.keys(targets)),
    stop: running.stop,
  }
}

async function isReady(address: string): Promise<boolean> {
  const response = await fetch(`http://${address}/-/ready`).catch(() => undefined)
  return response?.ok === true
}

const configOf = (targets: Readonly<Record<string, string>>) => ({
  global: { scrape_interval: '1s', evaluation_interval: '1s' },
  rule_files: [resolve('deploy/prometheus/rules.yml')],
  scrape_configs: Object.entries(targets).map(([job_name, address]) => ({
    job_name,
    static_configs: [{ targets: [address] }],
  })),
})

async function queryRange(api: string, expr: string, { from, to, step }: Span): Promise<Series[]> {
  const body = new URLSearchParams({
    query: expr,
    start: String(from),
    end: String(to),
    step: String(step),
  })
  const response = await fetch(`${api}/query_range`, { method: 'POST', body })
  const text = await response.text()
  if (!response.ok) throw new Error(`Prometheus refuses ${expr}: ${text}`)
  return rangeAnswer.parse(JSON.parse(text)).data.result.map(({ metric, values }) => ({
    labels: metric,
    points: values.map(([at, value]) => [at, Number(value)] as const).filter(isNumber),
  }))
}

const rulesAnswer = z.object({
  data: z.object({
    groups: z.array(
      z.object({
        rules: z.array(
          z.object({ name: z.string(), health: z.string(), lastError: z.string().optional() }),
        ),
      }),
    ),
  }),
})

async function brokenRules(api: string): Promise<string[]> {
  const { groups } = rulesAnswer.parse(await (await fetch(`${api}/rules`)).json()).data
  const rules = groups.flatMap((group) => group.rules)
  if (rules.length === 0) throw new Error('Prometheus has no rules')
  return rules.flatMap(({ name, health, lastError }) =>
    health === 'ok' ? [] : [`${name}: ${lastError ?? health}`],
  )
}

const isNumber = ([, value]: readonly [number, number]) => Number.isFinite(value)

const VALUE_LIMIT_MS = 60_000

async function hasValue(api: string, expr: string): Promise<void> {
  const isThere = async () => {
    const now = Date.now() / 1000
    return (await queryRange(api, expr, { from: now, to: now, step: 1 })).length > 0
  }
  await waitFor(isThere, expr, VALUE_LIMIT_MS)
}

async function nextScrape(api: string, jobs: readonly string[]): Promise<void> {
  const since = Date.now() / 1000
  const hasAll = async () => {
    const span = { from: since, to: Math.max(since, Date.now() / 1000), step: 1 }
    const times = await queryRange(api, 'timestamp(up == 1)', span)
    const isNew = ({ labels, points }: Series) =>
      jobs.includes(labels['job'] ?? '') && points.some(([, at]) => at > since)
    return times.filter(isNew).length === jobs.length
  }
  await waitFor(hasAll, 'a scrape of every process')
}
