// Preload it with `--import`: ends this process when its parent does, however the parent ended, and keeps its files to its user.

import { isMainThread } from 'node:worker_threads'

// Time to drain before the end is forced; a service may hang in its drain when the others are gone.
const GRACE_MS = 10_000

// Plain JavaScript, because threads of the process preload it too, before anything can read TypeScript.
if (isMainThread) {
  // Tables, calls and logs hold personal data; a program that this process starts inherits it.
  process.umask(0o077)
  // The parent holds the other end of stdin and never writes to it: the end of the stream is its death.
  process.stdin.resume()
  process.stdin.once('end', () => {
    process.kill(process.pid, 'SIGTERM')
    setTimeout(() => process.kill(process.pid, 'SIGKILL'), GRACE_MS).unref()
  })
  // Waiting for the parent must not keep a finished process alive.
  process.stdin.unref?.()
}
