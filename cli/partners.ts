// `npm run partners`: checks the partner registry, and shows what applies to a partner.

import type { Command } from 'commander'
import type { CheckedRegistry } from '#operations/partners/check'
import type { ShownPartner } from '#operations/partners/show'
import { loadEnvironment } from './environment.ts'
import { anId } from './option-values.ts'
import { print } from './output/print.ts'
import { type Row, render } from './output/tables.ts'

type Options = { readonly json?: boolean }

export function registerPartners(program: Command): void {
  const partners = program
    .command('partners')
    .description('The partner registry: check it, or show what applies to a partner.')
  partners
    .command('check')
    .description('Check the registry as a worker would read it.')
    .option('--json', 'print the result as JSON')
    .addHelpText('after', CHECK_HELP)
    .action(async (options: Options) => {
      const { checkRegistry } = await import('#operations/partners/check')
      const checked = await checkRegistry(await registryFile())
      print(options.json ? JSON.stringify(checked) : sentenceOf(checked))
    })
  partners
    .command('show')
    .description('Show what applies to a partner, whether the registry names it or not.')
    .argument('<partner>', 'the partner id that its events carry', anId)
    .option('--json', 'print it as JSON')
    .addHelpText('after', SHOW_HELP)
    .action(async (partner: string, options: Options) => {
      const { showPartner } = await import('#operations/partners/show')
      const shown = await showPartner(await registryFile(), partner)
      print(options.json ? JSON.stringify(shown) : render(rowsOf(shown), 'table'))
    })
}

const CHECK_HELP = `
Examples:
  npm run partners -- check
  PARTNERS_FILE=new.yaml npm run -s partners -- check --json

Exit code: 0 if workers would take it, 2 with a line for each problem if not.`

const SHOW_HELP = `
Examples:
  npm run partners -- show dealer-7
  npm run -s partners -- show dealer-7 --json`

async function registryFile(): Promise<string | undefined> {
  return (await loadEnvironment([])).PARTNERS_FILE
}

function sentenceOf({ file, exists, partners }: CheckedRegistry): string {
  if (!exists) return `There is no ${file}: the built-in defaults apply to every partner.`
  const named = partners.length === 1 ? '1 partner' : `${partners.length} partners`
  return `${file} can be used. It names ${named}.`
}

function rowsOf({ partnerId, isNamed, settings }: ShownPartner): Row[] {
  const { name, country, currency, consent, contact, fairnessWeight } = settings
  const granted = Object.entries(consent ?? {}).map(([category, is]) => `${category}: ${is}`)
  const fields: [string, string][] = [
    ['partner', partnerId],
    ['in the registry', isNamed ? 'yes' : 'no: the defaults apply'],
    ['name', name ?? NONE],
    ['default country', country ?? 'none: numbers without a country code are left out'],
    ['default currency', currency ?? NONE],
    ['default consent', granted.join(', ') || 'none: consent counts as denied'],
    ['contact', contact ?? NONE],
    ['fairness weight', String(fairnessWeight)],
    ...activationRows(settings.activation),
  ]
  return fields.map(([field, value]) => ({ field, value }))
}

function activationRows(activation: ShownPartner['settings']['activation']): [string, string][] {
  const { enabled, googleAds, coolingOffHours, consentCategories, refundReasons } = activation
  const ids = Object.entries(consentCategories).map(([name, of]) => `${name}: ${of.join(', ')}`)
  return [
    ['activation', enabled ? 'on' : 'off: nothing is sent to Segment'],
    ['Google Ads', googleAds ? 'on' : 'off: calls are not forwarded to Google Ads'],
    ['cooling-off', coolingOffHours === 0 ? NONE : `${coolingOffHours} hours`],
    ['consent categories', ids.join('; ') || 'by their own names'],
    ['refund reasons', refundReasons.join(', ') || NONE],
  ]
}

const NONE = 'none'
