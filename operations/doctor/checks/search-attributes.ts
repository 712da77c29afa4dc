// Checks that the search attributes of the workflows are registered in Temporal, each with its type.

import { SEARCH_ATTRIBUTES } from '#contracts'
import { codeOf, GRPC } from '#runtime/status-codes'
import { SEARCH_ATTRIBUTE_TYPES } from '../../setup/search-attributes.ts'
import { error, type Finding, type Report } from '../finding.ts'
import type { Site } from '../site.ts'

const FIX =
  'Run `npm run setup`; in Temporal Cloud, add it in the console of the namespace, with this name and type.'

export async function checkSearchAttributes(site: Site): Promise<Report> {
  const client = await site.temporal()
  const { namespace } = client.options
  try {
    const { customAttributes } = await client.connection.operatorService.listSearchAttributes({
      namespace,
    })
    const findings = Object.entries(SEARCH_ATTRIBUTES).flatMap(([name, type]) =>
      judge(name, type, customAttributes[name]),
    )
    return { seen: `${Object.keys(SEARCH_ATTRIBUTES).length} search attributes`, findings }
  } catch (failure) {
    if (isUnlisted(failure)) return { skipped: 'this Temporal does not list them to a client' }
    throw failure
  }
}

function judge(
  name: string,
  type: keyof typeof SEARCH_ATTRIBUTE_TYPES,
  registered: number | undefined,
): Finding[] {
  const where = `search attribute ${name}`
  if (registered === undefined)
    return [error(where, `It is not registered: no workflow starts. Its type is ${type}.`, FIX)]
  if (isOfType(registered, type)) return []
  return [
    error(
      where,
      `It is registered with another type than ${type}: no workflow starts.`,
      `temporal operator search-attribute remove --name ${name}, and then \`npm run setup\``,
    ),
  ]
}

/** Temporal gives the number of the type. */
const isOfType = (registered: number, type: keyof typeof SEARCH_ATTRIBUTE_TYPES): boolean => {
  const wanted: number = SEARCH_ATTRIBUTE_TYPES[type]
  return registered === wanted
}

function isUnlisted(failure: unknown): boolean {
  const code = codeOf(failure)
  return code === GRPC.UNIMPLEMENTED || code === GRPC.PERMISSION_DENIED
}
