// `npm run tools`: installs what the local stack needs, with progress; at once when it is there already.

import { runMain } from '#runtime/main'
import { progressLines } from './progress.ts'
import { ensureTools } from './tools.ts'

await runMain(async () => {
  await ensureTools({ onProgress: progressLines() })
})
