// The module of an activity thread: all activities, with connections of their own.

import { connectActivities } from './connect-activities.ts'
import { serveActivities } from './isolation/serve-activities.ts'

serveActivities(await connectActivities())
