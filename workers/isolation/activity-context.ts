// Temporal's activity context within an activity thread, so that activities can use it as on the main thread.

import { Context, type Info } from '@temporalio/activity'
import { CancelledFailure, type LogLevel, noopMetricMeter } from '@temporalio/common'
import { traceIdOf } from '#contracts/trace'
import type { Logger } from '#runtime/log'

export type ThreadContext = { readonly context: Context; readonly cancel: (reason: string) => void }

export function createContext(
  info: Info,
  heartbeat: (details: unknown) => void,
  log: Logger,
): ThreadContext {
  const controller = new AbortController()
  const cancelled = new Promise<never>((_, reject) => {
    controller.signal.addEventListener('abort', () => reject(controller.signal.reason))
  })
  // Most activities do not wait for the promise, and its rejection would be unhandled.
  cancelled.catch(() => {})
  const context = new Context(
    info,
    cancelled,
    controller.signal,
    heartbeat,
    undefined,
    activityLogger(log, info),
    noopMetricMeter,
    {},
  )
  return { context, cancel: (reason) => controller.abort(new CancelledFailure(reason)) }
}

const LEVEL = {
  TRACE: 'trace',
  DEBUG: 'debug',
  INFO: 'info',
  WARN: 'warn',
  ERROR: 'error',
} as const satisfies Record<LogLevel, string>

type Meta = Record<string, unknown>

function activityLogger(log: Logger, { activityType, workflowExecution }: Info) {
  const traceId = traceIdOf(workflowExecution?.workflowId ?? '') ?? undefined
  const write = (level: LogLevel, message: string, meta?: Meta) =>
    log[LEVEL[level]]({ activityType, ...workflowExecution, traceId, ...meta }, message)
  return {
    log: write,
    trace: (message: string, meta?: Meta) => write('TRACE', message, meta),
    debug: (message: string, meta?: Meta) => write('DEBUG', message, meta),
    info: (message: string, meta?: Meta) => write('INFO', message, meta),
    warn: (message: string, meta?: Meta) => write('WARN', message, meta),
    error: (message: string, meta?: Meta) => write('ERROR', message, meta),
  }
}
