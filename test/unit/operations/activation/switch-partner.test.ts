// A switch of a partner in the file of the registry: replaced as a whole, with its permissions, or left as it is.

import { chmod, mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeEach, expect, jest, test } from '@jest/globals'
import { Command } from 'commander'
import { switchPartner } from '#operations/activation/switch-partner'
import { checkRegistry } from '#operations/partners/check'
import { showPartner } from '#operations/partners/show'
import { registerSwitches } from '../../../../cli/activation/switches.ts'
import { registerPartners } from '../../../../cli/partners.ts'
import { createScratch } from '../../../support/scratch.ts'

const scratch = createScratch()
afterAll(() => scratch.remove())

const TEXT = '# ours\npartners:\n  dealer-7:\n    name: Seven\n    default_country: DE\n'
const OFF = { partner: 'dealer-7', switch: 'enabled', isOn: false } as const

let count = 0
let folder: string
let file: string
beforeEach(async () => {
  folder = join(scratch.dir, String(++count))
  file = join(folder, 'partners.yaml')
  await mkdir(folder)
})

const modeOf = async (path: string) => (await stat(path)).mode & 0o777

test('a file keeps its other lines and its permissions, and no draft is left', async () => {
  await writeFile(file, TEXT)
  await chmod(file, 0o640)
  expect(await switchPartner(file, OFF)).toEqual({ file, isChanged: true })
  expect(await readFile(file, 'utf8')).toBe(`${TEXT}    activation:\n      enabled: false\n`)
  expect(await modeOf(file)).toBe(0o640)
  expect(await readdir(folder)).toEqual(['partners.yaml'])
})

test('what is so already changes nothing', async () => {
  await writeFile(file, TEXT)
  const { ino } = await stat(file)
  expect(await switchPartner(file, { ...OFF, isOn: true })).toEqual({ file, isChanged: false })
  expect(await readFile(file, 'utf8')).toBe(TEXT)
  expect((await stat(file)).ino).toBe(ino)
})

test('a file that is not there is made, and others may read it', async () => {
  expect(await switchPartner(file, OFF)).toEqual({ file, isChanged: true })
  expect(await modeOf(file)).toBe(0o644)
  expect(await checkRegistry(file)).toEqual({ file, exists: true, partners: ['dealer-7'] })
})

test('a symbolic link stays one', async () => {
  const target = join(folder, 'target.yaml')
  await writeFile(target, TEXT)
  await symlink(target, file)
  await switchPartner(file, OFF)
  expect(await readFile(target, 'utf8')).toContain('enabled: false')
  expect((await readdir(folder)).toSorted()).toEqual(['partners.yaml', 'target.yaml'])
})

test('a registry that cannot be used is left as it is', async () => {
  await writeFile(file, 'partners: [dealer-7]\n')
  await expect(switchPartner(file, OFF)).rejects.toMatchObject({
    code: 'registry_unusable',
    details: { file, problems: [expect.any(String)] },
  })
  expect(await readFile(file, 'utf8')).toBe('partners: [dealer-7]\n')
})

test('a file that cannot be written is said with its reason', async () => {
  const nowhere = join(folder, 'none', 'partners.yaml')
  await expect(switchPartner(nowhere, OFF)).rejects.toMatchObject({
    code: 'registry_not_writable',
    details: { file: nowhere, why: expect.stringContaining('ENOENT') },
  })
  await expect(switchPartner(folder, OFF)).rejects.toMatchObject({ code: 'registry_not_writable' })
})

test('a partner that is not named has the defaults', async () => {
  await writeFile(file, TEXT)
  expect(await showPartner(file, 'dealer-7')).toMatchObject({
    partnerId: 'dealer-7',
    isNamed: true,
    settings: { name: 'Seven', country: 'DE' },
  })
  const { isNamed, settings } = await showPartner(file, 'dealer-8')
  expect({ isNamed, name: settings.name ?? null }).toEqual({ isNamed: false, name: null })
})

const { PARTNERS_FILE } = process.env
afterEach(() => {
  if (PARTNERS_FILE === undefined) delete process.env['PARTNERS_FILE']
  else process.env['PARTNERS_FILE'] = PARTNERS_FILE
})

/** What a command prints that works on the file. */
async function printed(...args: string[]): Promise<string> {
  process.env['PARTNERS_FILE'] = file
  const program = new Command().exitOverride()
  registerSwitches(program)
  registerPartners(program)
  const write = jest.spyOn(process.stdout, 'write').mockReturnValue(true)
  try {
    await program.parseAsync(args, { from: 'user' })
    return write.mock.calls.map(([text]) => String(text)).join('')
  } finally {
    write.mockRestore()
  }
}

test('off and on say what was changed, where, and what was so already', async () => {
  await writeFile(file, TEXT)
  const [off, on] = [
    ['off', '--partner', 'dealer-7'],
    ['on', '--partner', 'dealer-7'],
  ]
  expect(await printed(...off)).toBe(
    `dealer-7: activation to Segment is off in ${file}. Workers read the file again within five seconds.\n`,
  )
  expect((await showPartner(file, 'dealer-7')).settings.activation).toMatchObject({
    enabled: false,
    googleAds: true,
  })
  expect(await printed(...off)).toBe(
    'dealer-7: activation to Segment is off already. Nothing was changed.\n',
  )
  expect(await printed(...on)).toContain('activation to Segment is on in')
  expect(await printed(...off, '--channel', 'google-ads')).toContain('to Google Ads is off in')
  expect((await showPartner(file, 'dealer-7')).settings.activation).toMatchObject({
    enabled: true,
    googleAds: false,
  })
  expect(JSON.parse(await printed(...on, '--channel', 'google-ads', '--json'))).toEqual({
    partner: 'dealer-7',
    channel: 'google-ads',
    isOn: true,
    file,
    isChanged: true,
  })
})

test('partners check says how many the file names, or that there is none', async () => {
  expect(await printed('partners', 'check').catch(String)).toContain(file)
  await writeFile(file, TEXT)
  expect(await printed('partners', 'check')).toBe(`${file} can be used. It names 1 partner.\n`)
  await writeFile(file, `${TEXT}  dealer-8:\n`)
  expect(await printed('partners', 'check')).toContain('It names 2 partners.')
  expect(JSON.parse(await printed('partners', 'check', '--json'))).toEqual({
    file,
    exists: true,
    partners: ['dealer-7', 'dealer-8'],
  })
})

test('partners show has a line for everything that applies to a partner', async () => {
  const section = `    default_currency: EUR
    contact: ann@dealer-7.example
    fairness_weight: 2
    default_consent: { ad_user_data: true, ad_personalization: false }
    activation: { enabled: false, google_ads: false, cooling_off_hours: 24, refund_reasons: [returned] }
`
  await writeFile(file, `${TEXT}${section}`)
  const text = await printed('partners', 'show', 'dealer-7')
  const lines = Object.fromEntries(
    text.split('\n').map((line) => {
      const [, field = '', value = ''] = line.split('│')
      return [field.trim(), value.trim()]
    }),
  )
  expect(lines).toMatchObject({
    partner: 'dealer-7',
    'in the registry': 'yes',
    name: 'Seven',
    'default country': 'DE',
    'default currency': 'EUR',
    'default consent': 'ad_user_data: true, ad_personalization: false',
    contact: 'ann@dealer-7.example',
    'fairness weight': '2',
    activation: 'off: nothing is sent to Segment',
    'Google Ads': 'off: calls are not forwarded to Google Ads',
    'cooling-off': '24 hours',
    'refund reasons': 'returned',
  })
  const none = await printed('partners', 'show', 'dealer-9')
  expect(none).toContain('no: the defaults apply')
  expect(none).toContain('none: consent counts as denied')
  expect(none).toMatch(/│ activation +│ on +│/)
  expect(none).toMatch(/│ cooling-off +│ none +│/)
})
