// Everything that is read about dead letters. The tables know those that Temporal has forgotten, too.

export { openReader as openStore } from '../open-reader.ts'
export type { Reader as Store } from '../read.ts'
export { type Filters, type Group, readGroups } from './dead-letter-groups.ts'
export { readIds } from './dead-letter-ids.ts'
export { type Logged, readLog } from './dead-letter-log.ts'
export { readStandings } from './dead-letter-standings.ts'
export { readEvents, type StoredEvent } from './dead-letter-stored-events.ts'
