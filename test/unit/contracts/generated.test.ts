// The generated files are what the contracts say today.

import { readFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { generatedFiles } from '../../../deploy/generate.ts'

test.each([...generatedFiles()])('%s is fresh (npm run generate)', (path, text) => {
  expect(readFileSync(path, 'utf8')).toBe(text)
})
