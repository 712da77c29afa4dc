// The messages of GoogleSQL's local service, written from plain objects and read into plain objects.

import { readFile } from 'node:fs/promises'
import protobuf from 'protobufjs'
import type { Service } from './module.ts'

/** What a method takes and gives, by the names of its messages. */
const methods = {
  Analyze: ['AnalyzeRequest', 'AnalyzeResponse'],
  ExtractTableNamesFromStatement: [
    'ExtractTableNamesFromStatementRequest',
    'ExtractTableNamesFromStatementResponse',
  ],
  RegisterCatalog: ['RegisterCatalogRequest', 'RegisterResponse'],
  UnregisterCatalog: ['UnregisterRequest', undefined],
} as const

export type Method = keyof typeof methods

/**
 * Calls a method with a message given as a plain object: fields have their names of the .proto
 * files, enums are names, 64-bit integers are texts.
 * @throws as `Service.call` does
 */
export type Call = (method: Method, request: object) => unknown

/** Reads the schema once; the returned function makes calls of any service. */
export const readMessages = async (schemaFile: string): Promise<(service: Service) => Call> => {
  const schema: protobuf.INamespace = JSON.parse(await readFile(schemaFile, 'utf8'))
  const root = protobuf.Root.fromJSON(schema)
  const typeOf = (name: string) => root.lookupType(`zetasql.local_service.${name}`)
  return (service) => (method, request) => {
    const [requestName, responseName] = methods[method]
    const requestType = typeOf(requestName)
    const sent = requestType.encode(requestType.fromObject({ ...request })).finish()
    const received = service.call(method, sent)
    if (responseName === undefined) return {}
    const responseType = typeOf(responseName)
    return responseType.toObject(responseType.decode(received), {
      enums: String,
      longs: String,
      arrays: true,
    })
  }
}
