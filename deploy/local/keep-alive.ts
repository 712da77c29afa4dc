/**
 * How long a local server keeps an idle connection, in milliseconds, as the services that it stands for keep them for minutes.
 * With Node's five seconds, a client that sends a request as its server closes the connection sees ECONNRESET.
 */
export const KEEP_ALIVE_MS = 60_000
