// What a command does where an option is left out, as its help says it, and which values it refuses.

import { expect, test } from '@jest/globals'
import { Command } from 'commander'
import { registerActivation } from '../../../cli/activation/command.ts'
import { registerCost } from '../../../cli/cost/command.ts'
import { registerDeadLetters } from '../../../cli/dead-letters/command.ts'
import { registerErase } from '../../../cli/erase/command.ts'
import { registerDemo, registerSend } from '../../../cli/event-commands.ts'
import { registerReplay } from '../../../cli/replay/command.ts'
import { registerTrace } from '../../../cli/trace/command.ts'

/** The command of this name, which throws instead of ending the process, and writes nothing. */
function commandOf(path: string): Command {
  const program = new Command()
  const quiet = { writeOut: () => {}, writeErr: () => {} }
  program.exitOverride().configureOutput(quiet)
  const registers = [
    registerActivation,
    registerCost,
    registerDeadLetters,
    registerDemo,
    registerErase,
    registerReplay,
    registerSend,
    registerTrace,
  ]
  for (const register of registers) register(program)
  const found = path
    .split(' ')
    .reduce<Command | undefined>(
      (parent, name) => parent?.commands.find((one) => one.name() === name),
      program,
    )
  if (!found) throw new Error(`there is no command ${path}`)
  return found.exitOverride().configureOutput(quiet)
}

/** The options of a command line, without running the command. */
function optionsOf(path: string, ...args: string[]): Record<string, unknown> {
  const command = commandOf(path)
  command.parseOptions(args)
  return command.opts()
}

test.each<[string, object]>([
  ['dlq summary', { limit: 100 }],
  ['dlq list', { limit: 100 }],
  ['dlq show', { limit: 20 }],
  ['dlq redrive', { reason: 'no reason given', rate: 500, maxFailures: 0.5 }],
  ['dlq discard', {}],
  ['dlq retry-stuck', { attempts: 3, minutes: 2, limit: 500 }],
  ['dlq report', {}],
  ['activation status', { days: 7 }],
  ['activation pause', {}],
  ['activation resume', { reason: 'resumed' }],
  ['activation rate', {}],
  ['replay', { decision: 'accepted', rate: 500 }],
  ['erase', { reason: 'asked by the person', wait: true }],
  ['demo', { count: 2_000, partners: 5, invalid: 0.02, seed: 1 }],
  ['send', { count: 100, partners: 5, invalid: 0.02, seed: expect.any(Number) }],
  [
    'cost',
    {
      rate: 1000,
      retention: 7,
      publishBatch: 1,
      plan: 'developer',
      cancelled: 0.05,
      writer: 'storage-write',
      measured: 'bench/results/latest.json',
    },
  ],
])('%s without options: %j', (path, options) => {
  expect(optionsOf(path)).toEqual(options)
})

test('a trace looks back 30 days', () => {
  const since = Object(optionsOf('trace'))['since']
  expect(Math.abs(Date.now() - since.getTime() - 30 * 86_400_000)).toBeLessThan(3_600_000)
})

test.each([
  ['dlq list', '--stage', ['validation', 'staging', 'activation']],
  ['dlq list', '--type', ['purchase', 'cancellation', 'unknown']],
  ['dlq summary', '--stage', ['validation', 'staging', 'activation']],
  ['cost', '--plan', ['developer', 'business']],
  ['cost', '--writer', ['storage-write', 'insert-all']],
  ['replay', '--type', ['purchase', 'cancellation']],
  ['replay', '--decision', ['accepted', 'rejected', 'any']],
  ['activation off', '--channel', ['google-ads']],
  ['activation on', '--channel', ['google-ads']],
])('%s %s takes %j, and nothing else', (path, option, choices) => {
  const name = option.slice(2)
  for (const choice of choices) expect(optionsOf(path, option, choice)[name]).toBe(choice)
  expect(() => optionsOf(path, option, 'other')).toThrow('Allowed choices are')
})

test.each([
  ['dlq redrive', '--rate', '0'],
  ['dlq redrive', '--rate', '-1'],
  ['dlq redrive', '--rate', 'fast'],
  ['dlq redrive', '--max-failures', '1.01'],
  ['dlq redrive', '--max-failures', '-0.01'],
  ['dlq redrive', '--max-failures', ''],
  ['dlq list', '--limit', '0'],
  ['dlq list', '--limit', '1.5'],
  ['dlq list', '--since', 'yesterday'],
  ['dlq retry-stuck', '--minutes', '1.5'],
  ['dlq retry-stuck', '--attempts', '-1'],
  ['activation rate', '--calls', '0'],
  ['activation status', '--days', '0'],
  ['replay', '--rate', '0'],
  ['demo', '--count', '0'],
  ['demo', '--invalid', '1.5'],
  ['send', '--rate', '0'],
  ['send', '--partners', '0'],
  ['cost', '--cancelled', '2'],
  ['cost', '--rates', '10,x'],
  ['cost', '--retention', '0'],
])('%s %s %j is refused', (path, option, value) => {
  expect(() => optionsOf(path, option, value)).toThrow('It must be')
})

test.each([
  ['dlq redrive', '--rate', '0.5', { rate: 0.5 }],
  ['dlq redrive', '--max-failures', '0', { maxFailures: 0 }],
  ['dlq redrive', '--max-failures', '1', { maxFailures: 1 }],
  ['dlq list', '--limit', '1', { limit: 1 }],
  ['dlq list', '--partner', ' dealer-7\t', { partner: 'dealer-7' }],
  ['dlq retry-stuck', '--attempts', '0', { attempts: 0 }],
  ['erase', '--customer', ' C101 ', { customer: 'C101' }],
  ['cost', '--rates', '10,0.5,1000', { rates: [10, 0.5, 1000] }],
])('%s %s %s is %j', (path, option, value, options) => {
  expect(optionsOf(path, option, value)).toMatchObject(options)
})

test.each([
  ['dlq discard', [], '--reason'],
  ['dlq report', [], '--partner'],
  ['activation pause', [], '--reason'],
  ['activation off', [], '--partner'],
  ['erase', ['--customer', 'C101'], '--partner'],
  ['erase', ['--partner', 'dealer-7'], '--customer'],
])('%s %j asks for %s', async (path, args, missing) => {
  const command = commandOf(path).action(() => {})
  await expect(command.parseAsync(args, { from: 'user' })).rejects.toThrow(
    `required option '${missing}`,
  )
})

test.each([
  ['dlq redrive', ['--partner', 'a', '--all']],
  ['dlq redrive', ['--partner', 'a', '--query', 'type=purchase']],
  ['dlq redrive', ['--patch', '[]', '--events', 'file']],
  ['dlq discard', ['--reason', 'x', '--partner', 'a', '--all']],
  ['dlq list', ['--open', '--all']],
  ['dlq report', ['--partner', 'a', '--csv', '--json']],
  ['cost', ['--rates', '1,2', '--json']],
  ['cost', ['--rates', '1,2', '--rate', '3']],
  ['erase', ['--partner', 'a', '--customer', 'C', '--dry-run', '--status']],
  ['erase', ['--partner', 'a', '--customer', 'C', '--status', '--reason', 'x']],
])('%s %j is refused: they exclude each other', async (path, args) => {
  const command = commandOf(path).action(() => {})
  await expect(command.parseAsync(args, { from: 'user' })).rejects.toThrow('cannot be used with')
})
