// Reads a file of JSON objects, one a line.

import { isObject } from '../values/resources.ts'
import type { FileRow } from './file-row.ts'

export function readJsonLines(content: Buffer): FileRow[] {
  return content
    .toString('utf8')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map(readLine)
}

function readLine(line: string): FileRow {
  try {
    const value: unknown = JSON.parse(line)
    if (isObject(value)) return { json: value }
    return { problem: 'JSON parsing error in row: it is not an object.' }
  } catch (error) {
    return { problem: `JSON parsing error in row: ${error instanceof Error ? error.message : ''}` }
  }
}
