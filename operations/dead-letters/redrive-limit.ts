// How often an event may go round by the retry topic.

/** After as many times an event is no victim of an outage: something must be mended first. */
export const MAX_REDRIVE_ATTEMPTS = 5
