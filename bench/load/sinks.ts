// Stand-ins for BigQuery and Segment under load, in a process of their own.

import { ServerCredentials } from '@grpc/grpc-js'
import { z } from 'zod'
import { createHttpSinks } from './http-sinks.ts'
import { createStorageWriteSink } from './storage-write-sink.ts'
import { createTally } from './tally.ts'

/** Serves on 127.0.0.1 until the process ends; prints the address of the HTTP sinks and of the gRPC one. */
function main(): void {
  const tally = createTally()
  const http = createHttpSinks(tally)
  const grpc = createStorageWriteSink(tally)
  http.listen(0, '127.0.0.1', () => {
    const { port } = z.object({ port: z.number() }).parse(http.address())
    grpc.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, grpcPort) => {
      if (error) throw error
      process.stdout.write(`{"listening":"http://127.0.0.1:${port} 127.0.0.1:${grpcPort}"}\n`)
    })
  })
}

main()
