// Interceptors of a workflow bundle: the governor of activation waits for seconds where it waits for half a minute.

import type { WorkflowInterceptors } from '@temporalio/workflow'
import { GOVERNOR_RULES } from '#contracts/governor'

Object.assign(GOVERNOR_RULES, { stepMs: 2_000, firstPauseMs: 10_000 })

export const interceptors = (): WorkflowInterceptors => ({})
