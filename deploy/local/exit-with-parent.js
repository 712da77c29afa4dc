/** Ends this process when its parent does, however the parent ended: preload it with `--import`. */
import { isMainThread } from 'node:worker_threads'

// Time to drain before the end is forced; a part whose other parts are gone may hang in its drain.
const graceMs = 10_000

// Plain JavaScript, because threads of the process preload it too, before anything can read TypeScript.
if (isMainThread) {
  // The parent holds the other end of stdin and never writes to it: the end of the stream is its death.
  process.stdin.resume()
  process.stdin.once('end', () => {
    process.kill(process.pid, 'SIGTERM')
    setTimeout(() => process.kill(process.pid, 'SIGKILL'), graceMs).unref()
  })
  // Waiting for the parent must not keep a finished process alive.
  process.stdin.unref?.()
}
