// .github/workflows: correct by actionlint, pinned, without keys, and in agreement with the commands of this repository.

import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { parse } from 'yaml'
import { z } from 'zod'
import { BUILD_LIMIT_MS, goTool, hasGo, NO_GO } from '../../support/go-tools/install.ts'

const FOLDER = '.github/workflows'

const permissions = z.record(z.string(), z.string())
const step = z.looseObject({
  name: z.string().optional(),
  uses: z.string().optional(),
  run: z.string().optional(),
  with: z.record(z.string(), z.unknown()).default({}),
})
type Step = z.output<typeof step>
const job = z.looseObject({
  if: z.string().optional(),
  needs: z.string().optional(),
  uses: z.string().optional(),
  'timeout-minutes': z.number().optional(),
  environment: z.string().optional(),
  permissions: permissions.optional(),
  strategy: z.object({ matrix: z.object({ node: z.array(z.number()) }) }).optional(),
  steps: z.array(step).default([]),
})
const workflow = z.looseObject({
  on: z.record(z.string(), z.unknown()),
  permissions,
  jobs: z.record(z.string(), job),
})
const packageJson = z.object({ scripts: z.record(z.string(), z.string()) })

const files = readdirSync(FOLDER)
const textOf = (file: string) => readFileSync(join(FOLDER, file), 'utf8')
const workflows = new Map(files.map((file) => [file, workflow.parse(parse(textOf(file)))]))

function named(file: string) {
  const found = workflows.get(file)
  if (!found) throw new Error(`there is no workflow ${file}`)
  return found
}

const jobsOf = (file: string) => Object.entries(named(file).jobs)
const stepsOf = (file: string) => jobsOf(file).flatMap(([, { steps }]) => steps)
const runsOf = (file: string) => stepsOf(file).flatMap(({ run }) => run ?? [])
const using = (steps: readonly Step[], action: string) =>
  steps.filter(({ uses }) => uses?.startsWith(`${action}@`))

const withActionlint = hasGo ? describe : describe.skip

test('there are two: one checks, one deploys', () => {
  expect(files.toSorted()).toEqual(['ci.yml', 'deploy.yml'])
})

withActionlint(`actionlint (${hasGo ? 'built by Go' : NO_GO})`, () => {
  test.each(files)(
    '%s is correct',
    async (file) => {
      // Programs that it would call where they are installed: its answer must not depend on that.
      const actionlint = await goTool('actionlint')
      const args = ['-shellcheck=', '-pyflakes=', join(FOLDER, file)]
      const { status, stdout, stderr } = spawnSync(actionlint, args, { encoding: 'utf8' })
      expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: '', stderr: '' })
    },
    BUILD_LIMIT_MS,
  )
})

describe.each(files)('%s', (file) => {
  test('takes every action at a commit, and says which version that is', () => {
    const uses = Array.from(textOf(file).matchAll(/\buses: (.+)$/gm), ([, text = '']) => text)
    const others = uses.filter((text) => !text.startsWith('./'))
    expect(others.length).toBeGreaterThan(0)
    for (const text of others)
      expect(text).toMatch(/^[\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/)
  })

  test('may read the repository and no more, but for the token by which Google knows it', () => {
    expect(named(file).permissions).toEqual({ contents: 'read' })
    for (const [name, { permissions: own, steps }] of jobsOf(file)) {
      const isKnownToGoogle = using(steps, 'google-github-actions/auth').length > 0
      const expected = isKnownToGoogle ? { contents: 'read', 'id-token': 'write' } : undefined
      expect({ name, permissions: own }).toEqual({ name, permissions: expected })
    }
  })

  test('knows no key, and leaves none behind', () => {
    expect(textOf(file)).not.toMatch(/\bsecrets\.|credentials_json|service-account-key/)
    const checkouts = using(stepsOf(file), 'actions/checkout')
    expect(checkouts.length).toBeGreaterThan(0)
    for (const each of checkouts) expect(each.with).toEqual({ 'persist-credentials': false })
  })

  test('puts nothing that others wrote, such as the name of a branch, into a script', () => {
    expect(runsOf(file).filter((run) => run.includes('${{'))).toEqual([])
  })

  test('ends every job in time', () => {
    const endless = jobsOf(file).filter(([, each]) => !each.uses && !each['timeout-minutes'])
    expect(endless.map(([name]) => name)).toEqual([])
  })

  test('calls commands that this repository has', () => {
    const { scripts } = packageJson.parse(JSON.parse(readFileSync('package.json', 'utf8')))
    const text = runsOf(file).join('\n')
    const called = Array.from(text.matchAll(/npm run (?:-s )?([\w-]+)/g), ([, name = '']) => name)
    expect(Object.keys(scripts)).toEqual(expect.arrayContaining(called))
    const own = Array.from(text.matchAll(/(?<![\w/])\.ci\/[\w-]+/g), ([path]) => path)
    expect(own.filter((path) => !existsSync(path))).toEqual([])
  })
})

test('each change is checked on the versions of Node that are supported, with the replay of histories', () => {
  const { check } = named('ci.yml').jobs
  expect(check?.strategy?.matrix.node).toEqual([22, 24])
  const runs = check?.steps.flatMap(({ run }) => run ?? [])
  expect(runs).toEqual(
    expect.arrayContaining([
      'npm run lint',
      'npm run jest -- --selectProjects unit',
      'npm run jest -- --selectProjects workflow',
    ]),
  )
  expect(existsSync('test/workflow/replay.test.ts')).toBe(true)
})

test.each([
  ['test', '.ci/run'],
  ['compose', 'docker compose up --detach --wait'],
  ['compose', 'docker build --file deploy/Dockerfile'],
  ['terraform', 'deploy/terraform/check'],
  ['prometheus', 'promtool test rules'],
])('the job %s runs %s', (name, command) => {
  const runs = named('ci.yml').jobs[name]?.steps.map(({ run }) => run ?? '')
  expect(runs?.join('\n')).toContain(command)
})

test('every pull request is checked and planned; only a release tag is deployed', () => {
  expect(Object.keys(named('ci.yml').on)).toEqual(['pull_request', 'push', 'workflow_call'])
  expect(named('ci.yml').on['push']).toEqual({ branches: ['main'] })
  expect(named('deploy.yml').on).toEqual({ pull_request: null, push: { tags: ['v*'] } })
  const { plan, ...others } = named('deploy.yml').jobs
  expect(plan?.if).toMatch(/^github\.event_name == 'pull_request' && /)
  expect(Object.keys(others)).toEqual(['checks', 'image', 'apply'])
  for (const each of Object.values(others)) expect(each.if).toBe("github.event_name == 'push'")
})

test('a pull request acts as the account that may only read', () => {
  const { plan } = named('deploy.yml').jobs
  const accounts = (steps: readonly Step[]) =>
    using(steps, 'google-github-actions/auth').map((each) => each.with['service_account'])
  expect(accounts(plan?.steps ?? [])).toEqual(['${{ vars.PLAN_ACCOUNT }}'])
  expect(plan?.steps.some(({ run }) => run?.includes('terraform apply'))).toBe(false)
  for (const name of ['image', 'apply'])
    expect(accounts(named('deploy.yml').jobs[name]?.steps ?? [])).toEqual([
      '${{ vars.APPLY_ACCOUNT }}',
    ])
})

test('what is deployed has passed all checks, and is the image that was built, by its digest', () => {
  const { checks, image, apply } = named('deploy.yml').jobs
  expect(checks?.uses).toBe('./.github/workflows/ci.yml')
  expect([image?.needs, apply?.needs]).toEqual(['checks', 'image'])
  const [build] = using(image?.steps ?? [], 'docker/build-push-action')
  expect(build?.with).toMatchObject({
    file: 'deploy/Dockerfile',
    push: true,
    sbom: true,
    provenance: 'mode=max',
  })
  // Without a build argument, the image rests on distroless.
  expect(build?.with).not.toHaveProperty('build-args')
  expect(textOf('deploy.yml')).toContain('/pipeline@${{ needs.image.outputs.digest }}')
  expect(apply?.environment).toBe('prod')
})

test('a release plans with the image that it has built, and applies that plan', () => {
  const { steps = [] } = named('deploy.yml').jobs['apply'] ?? {}
  const commands = steps.flatMap(({ run }) => (run?.startsWith('terraform ') ? [run] : []))
  expect(commands.map((command) => command.split(' ')[1])).toEqual(['init', 'plan', 'apply'])
  expect(commands[1]).toContain(' -var="image=$IMAGE" -out=release.plan')
  expect(commands[2]).toMatch(/ release\.plan$/)
})

test('a fork is not planned, since the token of its workflow would be let in', () => {
  expect(named('deploy.yml').jobs['plan']?.if).toContain(
    'github.event.pull_request.head.repo.full_name == github.repository',
  )
})

test('what Terraform is asked for exists: its folder, its version, and the image that runs', () => {
  const text = textOf('deploy.yml')
  const [, folder = ''] = /TERRAFORM_FOLDER: (\S+)/.exec(text) ?? []
  expect(existsSync(join(folder, 'main.tf'))).toBe(true)
  const [, least = ''] = /required_version = ">= ([\d.]+)/.exec(
    readFileSync(join(folder, 'versions.tf'), 'utf8'),
  ) ?? ['']
  const versions = using(stepsOf('deploy.yml'), 'hashicorp/setup-terraform').map((each) =>
    String(each.with['terraform_version']),
  )
  expect(new Set(versions).size).toBe(1)
  for (const version of versions) expect(version.startsWith(`${least}.`)).toBe(true)
  const [, type = ''] = /\.type\? == "(\w+)"/.exec(text) ?? []
  const pools = readFileSync('deploy/terraform/modules/workers/pools.tf', 'utf8')
  expect(pools).toContain(`resource "${type}" `)
})

test('a workflow reads the variables that its head names, and no other', () => {
  const text = textOf('deploy.yml')
  const [head = ''] = text.split('\nname:')
  const told = new Set(head.match(/\b[A-Z]+(?:_[A-Z]+)+\b/g))
  const read = new Set(Array.from(text.matchAll(/\bvars\.(\w+)/g), ([, name = '']) => name))
  expect(told.size).toBe(5)
  expect(read).toEqual(told)
})
