// The thread in which the reference computes, so that the local BigQuery answers meanwhile.

import { parentPort, workerData } from 'node:worker_threads'
import { z } from 'zod'
import { loadReference, type Reference } from './reference.ts'
import type { Request, Response } from './reference-messages.ts'

const { folder } = z.object({ folder: z.string() }).parse(workerData)
const open = await loadReference(folder)
const references: Reference[] = []

function resultOf(request: Request) {
  if (request.method === 'open') return references.push(open(request.tables)) - 1
  const reference = references[request.reference]
  if (!reference) throw new Error(`There is no reference ${request.reference}.`)
  return reference(request.sql, request.parameters)
}

parentPort?.on('message', ({ id, request }: { id: number; request: Request }) => {
  const response: Response = { id, result: resultOf(request) }
  parentPort?.postMessage(response, [])
})
