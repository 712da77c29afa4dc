// Interceptors of a workflow bundle: an attempt of a step has a tenth of the time that its policy gives it.

import type { WorkflowInterceptors } from '@temporalio/workflow'

export const interceptors = (): WorkflowInterceptors => ({
  outbound: [
    {
      scheduleActivity: ({ options, ...input }, next) =>
        next({ ...input, options: { ...options, startToCloseTimeout: '2 seconds' } }),
      scheduleLocalActivity: ({ options, ...input }, next) =>
        next({ ...input, options: { ...options, startToCloseTimeout: '500 milliseconds' } }),
    },
  ],
})
