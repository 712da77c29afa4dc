// Real servers on a busy machine: a failed test is shown and tried once more, and counts as failed if it fails again.

import { jest } from '@jest/globals'

jest.retryTimes(1, { logErrorsBeforeRetry: true })
