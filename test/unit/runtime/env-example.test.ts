// .env.example is the list of all variables: complete, and true about every default.

import { readFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import type { z } from 'zod'
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

/** The ranges that the comments name, such as `0 to 600` above a variable. */
const RANGES = [
  ...readFileSync('.env.example', 'utf8').matchAll(/\b(\d+) to (\d+)\b[^\n]*\n([A-Z_]+)=/g),
].map(([, least, largest, name = '']) => [name, Number(least), Number(largest)] as const)

const SCHEMAS = [bridgeConfig, workerConfig, cliConfig, codecServerConfig]

test.each(RANGES)('%s is a number from %d to %d, and no other', (name, least, largest) => {
  const having = SCHEMAS.filter(({ shape }) => name in shape)
  expect(having.length).toBeGreaterThan(0)
  for (const schema of having) {
    const take = (value: number) => () =>
      readConfig<z.ZodType>(schema, { ...required, [name]: String(value) })
    expect(take(least)()).toMatchObject({ [name]: least })
    expect(take(largest)()).toMatchObject({ [name]: largest })
    for (const value of [least - 1, largest + 1])
      expect(take(value)).toThrow(`${name} is "${value}": must be a`)
  }
})

test('every number has a range that it tells', () => {
  const config = Object.assign({}, ...SCHEMAS.map((schema) => readConfig(schema, required)))
  const numbers = Object.keys(config).filter((name) => typeof config[name] === 'number')
  const told = new Set([...numbers, 'HEALTH_PORT'])
  expect(RANGES.map(([name]) => name).toSorted()).toEqual([...told].toSorted())
})

test('it names every variable of the processes, once, and no other', () => {
  const shapes = [bridgeConfig, workerConfig, cliConfig, codecServerConfig].map(
    ({ shape }) => shape,
  )
  const known = new Set(shapes.flatMap((shape) => Object.keys(shape)))
  expect(entries.map(([name]) => name).toSorted()).toEqual([...known].toSorted())
})
