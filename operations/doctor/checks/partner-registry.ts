// Checks that the partner registry can be read.

import { ConfigError } from '#runtime/errors'
import { readRegistry, STANDARD_FILE } from '#runtime/partners/registry'
import { error, type Report } from '../finding.ts'
import type { Site } from '../site.ts'

export async function checkPartnerRegistry({ config }: Site): Promise<Report> {
  const file = config.PARTNERS_FILE ?? STANDARD_FILE
  try {
    const { text, registry } = await readRegistry(config.PARTNERS_FILE)
    if (text === null) return { seen: `no ${file}: all partners have the defaults`, findings: [] }
    return { seen: `${file}: ${registry.partners.size} partners`, findings: [] }
  } catch (failure) {
    if (!(failure instanceof ConfigError)) throw failure
    const fix = 'Correct the file: see partners.example.yaml and `npm run partners -- check`.'
    return { seen: file, findings: [error(file, failure.message, fix)] }
  }
}
