// A worker as it is, but its activities do not finish with messages that are marked.

import { runMain } from '#runtime/main'
import { runWorker } from '../../../workers/run-worker.ts'

await runMain(() => runWorker(new URL('./thread.ts', import.meta.url)))
