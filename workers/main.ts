// `npm run worker`.

import { runMain } from '#runtime/main'
import { runWorker } from './run-worker.ts'

const ACTIVITY_THREAD = new URL('./activity-thread-main.ts', import.meta.url)

await runMain(() => runWorker(ACTIVITY_THREAD))
// A worker that failed may have left threads and connections behind, which would keep the process from ending.
process.exit()
