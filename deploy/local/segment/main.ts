// Runs the Segment stand-in: `main.ts --port 0 --host 127.0.0.1 --file .stack/segment.ndjson`.

import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { stackDir } from '../paths.ts'
import { startSegmentStandIn } from './server.ts'

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '0' },
    host: { type: 'string', default: '127.0.0.1' },
    file: { type: 'string', default: join(stackDir, 'segment.ndjson') },
  },
})
const { file, host, port } = values
const standIn = await startSegmentStandIn({ file, host, port: Number(port) })
process.once('SIGTERM', () => void standIn.close())
process.once('SIGINT', () => void standIn.close())
process.stdout.write(`${JSON.stringify({ listening: standIn.url })}\n`)
