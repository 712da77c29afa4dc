// `npm run activation -- off | on`: the switches of a partner in the registry.

import { type Command, Option } from 'commander'
import { publicPartner } from '#contracts'
import type { Switched } from '#operations/activation/switch-partner'
import { loadEnvironment } from '../environment.ts'
import { anId } from '../option-values.ts'
import { print } from '../output/print.ts'

type Options = {
  readonly partner: string
  readonly channel?: 'google-ads'
  readonly json?: boolean
}

export function registerSwitches(program: Command): void {
  register(program, 'off', 'Send nothing of a partner to Segment, or to Google Ads.')
  register(program, 'on', 'Send the events of a partner again.')
}

function register(program: Command, name: 'off' | 'on', description: string): void {
  program
    .command(name)
    .description(description)
    .requiredOption('--partner <id>', 'the partner id that its events carry', anId)
    .addOption(
      new Option('--channel <name>', 'only this destination (default: Segment as a whole)').choices(
        ['google-ads'],
      ),
    )
    .option('--json', 'print what was changed as JSON')
    .addHelpText('after', helpOf(name))
    .action((options: Options) => run(name === 'on', options))
}

async function run(isOn: boolean, { partner, channel, json }: Options): Promise<void> {
  const { PARTNERS_FILE } = await loadEnvironment([])
  const { switchPartner } = await import('#operations/activation/switch-partner')
  const field = channel === undefined ? 'enabled' : 'google_ads'
  const done = await switchPartner(PARTNERS_FILE, { partner, switch: field, isOn })
  const shown: Shown = {
    partner: publicPartner(partner),
    channel: channel ?? 'segment',
    isOn,
    ...done,
  }
  print(json ? JSON.stringify(shown, null, 2) : sentenceOf(shown))
}

type Shown = Switched & {
  readonly partner: string
  readonly channel: 'segment' | 'google-ads'
  readonly isOn: boolean
}

function sentenceOf({ partner, channel, isOn, isChanged, file }: Shown): string {
  const to = channel === 'segment' ? 'Segment' : 'Google Ads'
  const state = `${partner}: activation to ${to} is ${isOn ? 'on' : 'off'}`
  if (!isChanged) return `${state} already. Nothing was changed.`
  return `${state} in ${file}. Workers read the file again within five seconds.`
}

const helpOf = (name: 'off' | 'on') => `
The switch is in the partner registry (PARTNERS_FILE, else partners.yaml): comments and the order of the file stay. It applies to
events that are activated from now on.${name === 'off' ? ' They are staged, and recorded as not activated.' : ' Those that were not activated meanwhile are not sent later.'}

Examples:
  npm run activation -- ${name} --partner dealer-7
  npm run -s activation -- ${name} --partner dealer-7 --channel google-ads --json

Exit code: 0 if it is ${name}, 2 with what to do if the file cannot be changed.`
