// Interceptors of a workflow bundle: a step that has a minute to be given a slot has two seconds.

import type { WorkflowInterceptors } from '@temporalio/workflow'

export const interceptors = (): WorkflowInterceptors => ({
  outbound: [
    {
      scheduleActivity: ({ options, ...input }, next) =>
        next({
          ...input,
          options: options.scheduleToStartTimeout
            ? { ...options, scheduleToStartTimeout: '2 seconds' }
            : options,
        }),
    },
  ],
})
