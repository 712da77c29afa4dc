// One AppendRows stream: appends go out in order, and answers come back in the same order.

import type { protos, v1 } from '@google-cloud/bigquery-storage'
import { isRefusal, type ServiceError } from '#runtime/service-error'
import { type Answer, readConnectionError, readResponse } from './answer.ts'
import type { Descriptor } from './descriptor.ts'

export type AppendStream = ReturnType<v1.BigQueryWriteClient['appendRows']>

/** Where the rows go, and how to read them. */
export type Target = { readonly writeStream: string; readonly descriptor: Descriptor }

type Request = protos.google.cloud.bigquery.storage.v1.IAppendRowsRequest
type Response = protos.google.cloud.bigquery.storage.v1.IAppendRowsResponse
type Pending = {
  readonly rows: number
  readonly settle: (answer: Answer) => void
  readonly timer: NodeJS.Timeout
}

/** Never throws and never emits: whatever happens to the stream is the answer of the appends it happened to. */
export class Connection {
  readonly #stream: AppendStream
  readonly #target: Target
  readonly #timeoutMs: number
  readonly #pending: Pending[] = []
  #isSchemaTaken = false
  #isRetired = false
  /** Resolves once the stream is no more. */
  readonly ended: Promise<void>

  /** @param timeoutMs one append may wait for its answer this long */
  constructor(stream: AppendStream, target: Target, timeoutMs: number) {
    this.#stream = stream
    this.#target = target
    this.#timeoutMs = timeoutMs
    stream.on('data', (response: Response) => this.#receive(response))
    stream.on('error', (error: unknown) => this.#break(readConnectionError(error)))
    // The server has ended its half; the stream would wait for ours for ever.
    stream.on('end', () => stream.destroy())
    this.ended = new Promise((resolve) => {
      stream.on('close', () => {
        this.#break({ message: 'the connection was closed' })
        resolve()
      })
    })
  }

  /** False once the connection has broken, or its view of the table is old: another one must be opened. */
  get isOpen(): boolean {
    return !this.#isRetired
  }

  append(rows: Uint8Array[]): Promise<Answer> {
    return new Promise((settle) => {
      const timer = setTimeout(() => this.#giveUp(), this.#timeoutMs)
      this.#pending.push({ rows: rows.length, settle, timer })
      this.#stream.write(this.#toRequest(rows))
    })
  }

  /** Takes no more appends, and ends once those under way are answered. */
  #retire(): void {
    this.#isRetired = true
    if (this.#pending.length === 0) this.#stream.cancel()
  }

  /** Gives up what is under way, and resolves once the stream is no more. */
  async close(): Promise<void> {
    this.#isRetired = true
    this.#stream.cancel()
    await this.ended
  }

  /** The schema goes along until BigQuery has taken it: a first append that is refused may have left none. */
  #toRequest(rows: Uint8Array[]): Request {
    const { writeStream, descriptor } = this.#target
    const schema = this.#isSchemaTaken ? {} : { writerSchema: { protoDescriptor: descriptor } }
    return {
      writeStream,
      protoRows: { ...schema, rows: { serializedRows: rows } },
      defaultMissingValueInterpretation: 'DEFAULT_VALUE',
    }
  }

  #receive(response: Response): void {
    const { writeStream } = this.#target
    const [next] = this.#pending
    // An answer to nothing: the next one would be taken for an append that it does not belong to.
    if (!next) return this.#break({ message: 'an answer came that nothing was sent for' })
    const answer = readResponse(response, { writeStream, rows: next.rows })
    if (answer.kind === 'undocumented') return this.#break(answer.fault)
    if (answer.kind === 'written') this.#isSchemaTaken = true
    this.#settleNext(answer)
    if (response.updatedSchema || mustReopen(answer) || this.#isRetired) this.#retire()
  }

  #giveUp(): void {
    this.#break({ message: `not within ${this.#timeoutMs / 1000} s` })
  }

  /** Answers come in order: what was refused is the oldest append, and the others are only lost with it. */
  #break(fault: ServiceError): void {
    this.#isRetired = true
    this.#settleNext({ kind: 'fault', fault })
    const lost = isRefusal(fault) ? { message: 'the connection broke' } : fault
    while (this.#pending.length > 0) this.#settleNext({ kind: 'fault', fault: lost })
    this.#stream.cancel()
  }

  #settleNext(answer: Answer): void {
    const next = this.#pending.shift()
    clearTimeout(next?.timer)
    next?.settle(answer)
  }
}

/** A refused append tells of its rows; any other fault tells of the connection, or of the table it was opened on. */
function mustReopen(answer: Answer): boolean {
  return answer.kind === 'fault' && !isRefusal(answer.fault)
}
