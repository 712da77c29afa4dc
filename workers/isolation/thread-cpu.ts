// The CPU time of one thread. Node reports that of the whole process only.

import { readFileSync, readlinkSync } from 'node:fs'

/** Linux counts in hundredths of a second, on every architecture. */
const MS_PER_TICK = 10

/** The indexes of user and system time among the fields after the name of the thread. */
const USER = 11
const SYSTEM = 12

/** The path of the calling thread in /proc; null on systems other than Linux. */
export function ownTask(): string | null {
  try {
    return `/proc/${readlinkSync('/proc/thread-self')}`
  } catch {
    return null
  }
}

/** Milliseconds of CPU that the thread has used; those of the whole process on systems other than Linux. */
export function cpuMsOf(task: string | null): number {
  try {
    if (task !== null) return readCpuMs(task)
  } catch {
    // The thread has ended.
  }
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

function readCpuMs(task: string): number {
  const stat = readFileSync(`${task}/stat`, 'latin1')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[USER]) + Number(fields[SYSTEM])) * MS_PER_TICK
}
