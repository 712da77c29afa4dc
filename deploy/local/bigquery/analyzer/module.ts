// Runs GoogleSQL's WebAssembly module: its local service takes and gives messages as bytes.

import { readFile } from 'node:fs/promises'
import { setFlagsFromString } from 'node:v8'
import type { WASI } from 'node:wasi'
import { z } from 'zod'

/** A call that the module refused, with the number of its status as gRPC has them. */
export class ServiceRefusal extends Error {
  override readonly name = 'ServiceRefusal'
  readonly code: number

  constructor(code: number, message: string) {
    super(message)
    this.code = code
  }
}

export type Service = {
  /**
   * Calls one method of the local service.
   * @throws ServiceRefusal with its status and its words; WebAssembly.RuntimeError where the module
   *   itself failed: its memory is in an unknown state then, and it must not be called again.
   */
  call(method: string, request: Uint8Array): Uint8Array
  /** The size of its memory, in bytes; it never shrinks. */
  memoryBytes(): number
}

type Pointer = number

/** Compiles the module, which takes most of the time, off the main thread, and returns how to start it. */
export const compileService = async (file: string, zones: string): Promise<() => Service> => {
  const bytes = await readFile(file)
  // Optimizing the module's functions takes more CPU than the calls of a local server give back.
  setFlagsFromString('--liftoff-only')
  const module = await WebAssembly.compile(bytes)
  const Wasi = await importWasi()
  return () => start(module, new Wasi({ version: 'preview1', preopens: { [ZONE_FOLDER]: zones } }))
}

// Where the module looks for time zones.
const ZONE_FOLDER = '/usr/share/zoneinfo'

function start(module: WebAssembly.Module, wasi: WASI): Service {
  const instance = new WebAssembly.Instance(module, {
    wasi_snapshot_preview1: importsOf(wasi),
  })
  wasi.initialize(instance)
  return serviceOf(readExports(instance.exports))
}

type HostFunction = (...values: number[]) => number

const hostFunctions = z.record(
  z.string(),
  z.custom<HostFunction>((value) => typeof value === 'function'),
)

/**
 * Each function of WASI within a function of JavaScript. Where WebAssembly calls Node's own functions directly, Node 20
 * crashed at the first call that came some seconds after the start, in three of ten starts (nodejs/node#53087).
 */
function importsOf({ wasiImport }: WASI): Readonly<Record<string, HostFunction>> {
  const functions = Object.entries(hostFunctions.parse({ ...wasiImport }))
  const wrapped = functions.map(([name, run]) => {
    const call: HostFunction = (...values) => run(...values)
    return [name, call] as const
  })
  return Object.fromEntries(wrapped)
}

const wasmFunction = z.custom<(...values: number[]) => Pointer>(
  (value) => typeof value === 'function',
)
const exported = z.looseObject({
  memory: z.instanceof(WebAssembly.Memory),
  wasm_malloc: wasmFunction,
  wasm_free: wasmFunction,
  wasm_get_last_error: wasmFunction,
  wasm_get_last_error_size: wasmFunction,
})

const readExports = (exports: WebAssembly.Exports) => exported.parse({ ...exports })

function serviceOf(exports: z.infer<typeof exported>): Service {
  const { memory, wasm_malloc: allocate, wasm_free: free } = exports
  const copyOf = (at: Pointer, size: number) => new Uint8Array(memory.buffer, at, size).slice()
  const refusal = () => {
    const text = Buffer.from(
      copyOf(exports.wasm_get_last_error(), exports.wasm_get_last_error_size()),
    )
    const [, code, message] = /^Code: (\d+), Message: (.*)$/s.exec(text.toString()) ?? []
    return new ServiceRefusal(Number(code ?? 2), message ?? text.toString())
  }
  const call = (method: string, request: Uint8Array) => {
    const run = wasmFunction.parse(exports[`ZetaSqlLocalService_${method}`])
    const [input, outputSize] = [allocate(request.length || 1), allocate(POINTER_BYTES)]
    new Uint8Array(memory.buffer, input, request.length).set(request)
    const output = run(input, request.length, outputSize)
    const size = new DataView(memory.buffer).getUint32(outputSize, true)
    const response = output === 0 ? refusal() : copyOf(output, size)
    for (const pointer of [input, outputSize, output]) free(pointer)
    if (response instanceof Error) throw response
    return response
  }
  return { call, memoryBytes: () => memory.buffer.byteLength }
}

const POINTER_BYTES = 4

// Node calls its WASI experimental in a warning, which does not help a user of the local BigQuery.
async function importWasi() {
  const emitWarning = process.emitWarning.bind(process)
  process.emitWarning = () => {}
  try {
    return (await import('node:wasi')).WASI
  } finally {
    process.emitWarning = emitWarning
  }
}
