// What applies to one partner, and which of it the registry says of the partner itself.

import { readRegistry } from '#runtime/partners/registry'
import { type PartnerSettings, settingsOf } from '#runtime/partners/settings'

export type ShownPartner = {
  readonly partnerId: string
  /** False for a partner that the registry does not name: it has the defaults. */
  readonly isNamed: boolean
  readonly settings: PartnerSettings
}

/** @throws ConfigError where the registry cannot be used */
export async function showPartner(
  file: string | undefined,
  partnerId: string,
): Promise<ShownPartner> {
  const { registry } = await readRegistry(file)
  const isNamed = registry.partners.has(partnerId)
  return { partnerId, isNamed, settings: settingsOf(registry, partnerId) }
}
