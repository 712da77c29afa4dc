// The first module of every activity thread. Node 20 does not apply `--import tsx/esm` to threads, so it is registered here.

import { workerData } from 'node:worker_threads'
import { register } from 'tsx/esm/api'

register()
await import(workerData.main)
