// The settings of Node and of the C library that the image sets: a benchmark measures what runs in production.

import { readFile } from 'node:fs/promises'

const DOCKERFILE = new URL('../deploy/Dockerfile', import.meta.url)
const SETTING = /\b(NODE_OPTIONS|MALLOC_\w+)=(?:"([^"]*)"|(\S+))/g

export async function imageEnvironment(): Promise<Readonly<Record<string, string>>> {
  const settings = (await readFile(DOCKERFILE, 'utf8')).matchAll(SETTING)
  return Object.fromEntries([...settings].map(([, name, quoted, bare]) => [name, quoted ?? bare]))
}
