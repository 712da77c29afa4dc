// .env.example is the list of all variables: complete, and true about every default.

import { readFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import {
  bridgeConfig,
  cliConfig,
  codecServerConfig,
  readConfig,
  workerConfig,
} from '#runtime/config'

const entries = readFileSync('.env.example', 'utf8')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'))
  .map((line): [string, string] => {
    const [name = '', ...value] = line.split('=')
    return [name, value.join('=')]
  })
const example = Object.fromEntries(entries)
const required = {
  GOOGLE_CLOUD_PROJECT: example['GOOGLE_CLOUD_PROJECT'],
  SEGMENT_WRITE_KEY: example['SEGMENT_WRITE_KEY'],
}

test.each([
  ['bridge', bridgeConfig],
  ['worker', workerConfig],
  ['setup', cliConfig],
  ['codec server', codecServerConfig],
] as const)('the %s takes it as it is, and starts as it would without it', (_name, schema) => {
  expect(readConfig(schema, example)).toEqual(readConfig(schema, required))
})

test('it names every variable of the processes, once, and no other', () => {
  const shapes = [bridgeConfig, workerConfig, cliConfig, codecServerConfig].map(
    ({ shape }) => shape,
  )
  const known = new Set(shapes.flatMap((shape) => Object.keys(shape)))
  expect(entries.map(([name]) => name).toSorted()).toEqual([...known].toSorted())
})
