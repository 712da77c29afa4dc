// `npm run activation`: pauses activation, bounds its rate, switches partners off, and shows its state.

import type { Command } from 'commander'
import { registerLimits } from './limits.ts'
import { registerStatus } from './status.ts'
import { registerSwitches } from './switches.ts'

export function registerActivation(program: Command): void {
  const activation = program
    .command('activation')
    .description('Activation: see its state, pause it, bound its rate, switch partners off.')
    .addHelpText('after', HELP)
  registerStatus(activation)
  registerLimits(activation)
  registerSwitches(activation)
}

const HELP = `
Examples:
  npm run activation -- status
  npm run activation -- pause --reason "the campaign is being changed"
  npm run activation -- rate 200
  npm run activation -- resume
  npm run activation -- off --partner dealer-7 --channel google-ads

A limit applies to all workers at once, survives their restarts, and stays until somebody changes it. Events are staged meanwhile, and
none is lost.
Exit code: 0 if it is done, 1 if a service does not answer, 2 if something is wrong with the command.`
