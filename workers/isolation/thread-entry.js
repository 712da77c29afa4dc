// The first module of every activity thread. It registers tsx where Node does not run TypeScript by itself: Node 20 does not
// apply `--import tsx/esm` to threads.

import { workerData } from 'node:worker_threads'

const isTypeScript = workerData.main.endsWith('.ts')
if (isTypeScript && !process.features.typescript) (await import('tsx/esm/api')).register()
await import(workerData.main)
