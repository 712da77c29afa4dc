// What the command `demo` uses of the development kit: the pipeline on this machine, its progress and its ledger.

export { isBalanced, type Ledger, readLedger } from './ledger.ts'
export { type Pipeline, startPipeline } from './pipeline.ts'
export { type Moved, waitUntilQuiet } from './watch.ts'
