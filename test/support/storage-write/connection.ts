// One AppendRows stream of the stand-in: it judges every append by BigQuery's rules, or by the fault a test ordered.

import { setTimeout as sleep } from 'node:timers/promises'
import { protos } from '@google-cloud/bigquery-storage'
import * as grpc from '@grpc/grpc-js'
import type { Column } from '#contracts'
import { judgeRow, judgeSchema, type Refusal } from './judge.ts'
import { type DecodedRow, rowDecoder } from './proto-rows.ts'
import type { ServerState } from './state.ts'

const { AppendRowsRequest, AppendRowsResponse, RowError } = protos.google.cloud.bigquery.storage.v1
const { Status } = protos.google.rpc
type Request = protos.google.cloud.bigquery.storage.v1.AppendRowsRequest
type Response = protos.google.cloud.bigquery.storage.v1.IAppendRowsResponse

export type Call = grpc.ServerDuplexStream<Buffer, Buffer>

const MAX_REQUEST_BYTES = 10_000_000
const STREAM = /^projects\/local\/datasets\/streaming\/tables\/(\w+)\/streams\/_default$/
const { DEFAULT_VALUE } = AppendRowsRequest.MissingValueInterpretation

/** Ends a stream with an error, or as if all were well. */
export function endCall(call: Call, refusal?: Refusal): void {
  if (!refusal) return void call.end()
  const metadata = new grpc.Metadata()
  if (refusal.details)
    metadata.set('grpc-status-details-bin', Buffer.from(Status.encode(refusal).finish()))
  call.emit('error', { code: refusal.code, details: refusal.message, metadata })
}

export class ServerConnection {
  readonly #call: Call
  readonly #state: ServerState
  readonly #number: number
  #decode: ((bytes: Uint8Array) => DecodedRow) | undefined
  #fillsDefaults = false
  #isOver = false
  /** Answers leave in the order of the appends, a delayed one included. */
  #last: Promise<unknown> = Promise.resolve()

  constructor(call: Call, state: ServerState, number: number) {
    this.#call = call
    this.#state = state
    this.#number = number
  }

  receive(message: Buffer): void {
    const request = AppendRowsRequest.decode(message)
    this.#state.requests.push({
      connection: this.#number,
      rows: request.protoRows?.rows?.serializedRows?.length ?? 0,
      bytes: message.length,
      hasSchema: Boolean(request.protoRows?.writerSchema),
    })
    this.#last = this.#last.then(() => this.#serve(request, message.length))
  }

  async #serve(request: Request, bytes: number): Promise<void> {
    if (this.#isOver) return
    const fault = this.#state.faults.shift() ?? { delayMs: 0 }
    if ('hangs' in fault) await new Promise(() => {})
    if ('closes' in fault) return this.#end()
    if ('delayMs' in fault) await sleep(fault.delayMs)
    if ('until' in fault) await fault.until
    if ('breaks' in fault && !fault.afterWrite) return this.#end(fault.breaks)
    if ('answer' in fault) return this.#answer(fault.answer)
    const answer = this.#judge(request, bytes)
    if ('breaks' in fault) return this.#end(fault.breaks)
    if (answer && 'answersTwice' in fault) this.#answer(answer)
    if (answer) this.#answer('updatedSchema' in fault ? { ...answer, updatedSchema: {} } : answer)
  }

  /** The answer the append deserves; null where the stream has ended for it. */
  #judge(request: Request, bytes: number): Response | null {
    if (this.#state.refuseAll) return { error: this.#state.refuseAll }
    if (bytes >= MAX_REQUEST_BYTES) return this.#refuse('MessageSize is too large')
    if (request.offset) return this.#refuse('the default stream takes no offset')
    const routed = String(this.#call.metadata.get('x-goog-request-params')[0])
    if (decodeURIComponent(routed) !== `write_stream=${request.writeStream}`)
      return this.#refuse('the routing header names another stream')
    const table = STREAM.exec(request.writeStream)?.[1] ?? ''
    const columns = this.#state.tables.get(table)
    if (!columns) return this.#refuse(`Table ${table} is not found`, grpc.status.NOT_FOUND)
    const error = this.#takeSchema(request, columns)
    if (error) return { error }
    if (request.defaultMissingValueInterpretation)
      this.#fillsDefaults = request.defaultMissingValueInterpretation === DEFAULT_VALUE
    return this.#write(table, request.protoRows?.rows?.serializedRows ?? [], columns)
  }

  /** The first schema counts; later ones are ignored. */
  #takeSchema({ protoRows }: Request, columns: readonly Column[]): Refusal | null {
    if (this.#decode) return null
    const descriptor = protoRows?.writerSchema?.protoDescriptor
    if (!descriptor) return { code: grpc.status.INVALID_ARGUMENT, message: 'no writer schema yet' }
    const refusal = judgeSchema(descriptor, columns)
    if (!refusal) this.#decode = rowDecoder(descriptor)
    return refusal
  }

  /** All rows of a request, or none. */
  #write(table: string, rows: readonly Uint8Array[], columns: readonly Column[]): Response {
    const decoded = rows.map((bytes) => this.#decode?.(bytes) ?? {})
    const rowErrors = decoded.flatMap((row, index) => {
      const message = judgeRow(row, columns)
      return message ? [{ index, code: RowError.RowErrorCode.FIELDS_ERROR, message }] : []
    })
    if (rowErrors.length > 0) {
      const message = 'Errors found while processing rows. Please refer to the row_errors field'
      return { error: { code: grpc.status.INVALID_ARGUMENT, message }, rowErrors }
    }
    const defaults = this.#fillsDefaults ? defaultsOf(columns) : {}
    this.#state.keep(
      table,
      decoded.map((row) => ({ ...defaults, ...row })),
    )
    return { appendResult: {} }
  }

  #refuse(message: string, code = grpc.status.INVALID_ARGUMENT): null {
    this.#end({ code, message })
    return null
  }

  #end(refusal?: Refusal): void {
    this.#isOver = true
    endCall(this.#call, refusal)
  }

  #answer(response: Response): void {
    this.#call.write(Buffer.from(AppendRowsResponse.encode(response).finish()))
  }
}

/** Expressions instead of values: a test sees that the default was taken. */
function defaultsOf(columns: readonly Column[]): DecodedRow {
  const filled = columns.filter(({ defaultValueExpression }) => defaultValueExpression)
  return Object.fromEntries(
    filled.map(({ name, defaultValueExpression }) => [name, defaultValueExpression]),
  )
}
