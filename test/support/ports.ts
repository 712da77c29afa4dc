// Ports of this machine: where nothing ever listens, and where a program of a test may.

import { freePort } from '../../deploy/local/probes.ts'

/** `host:port` where nothing listens: only root could open it. Unlike a port that was free a moment ago, no other test takes it. */
export const NOWHERE = '127.0.0.1:2'

const ATTEMPTS = 5
const TAKEN = /EADDRINUSE|address already in use|cannot be opened/i

/**
 * Starts what cannot choose a port by itself. Another program may take a port between the look and its use: `start` is then called
 * with another one.
 */
export async function onFreePort<T>(start: (port: number) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await start(await freePort())
    } catch (error) {
      if (attempt === ATTEMPTS || !TAKEN.test(String(error))) throw error
    }
  }
}
