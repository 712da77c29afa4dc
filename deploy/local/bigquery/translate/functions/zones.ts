// Time zones: names, and offsets such as +05:45, which DuckDB does not know.

/** GoogleSQL's default time zone, as SQL. */
export const UTC = `'UTC'`

/** The TIMESTAMP without time zone that clocks show in `zone` at `moment`. */
export function localIn(moment: string, zone = UTC): string {
  const minutes = offsetOf(zone)
  if (minutes === undefined) return `(${moment} AT TIME ZONE ${zone})`
  return `(${moment} AT TIME ZONE 'UTC' + to_minutes(${minutes}))`
}

/** The moment at which clocks in `zone` show `local`, a TIMESTAMP without time zone. */
export function momentIn(local: string, zone = UTC): string {
  const minutes = offsetOf(zone)
  if (minutes === undefined) return `(${local} AT TIME ZONE ${zone})`
  return `((${local} - to_minutes(${minutes})) AT TIME ZONE 'UTC')`
}

function offsetOf(zone: string) {
  const [, sign, hours, minutes = '0'] = /^'([+-])(\d{1,2})(?::?(\d{2}))?'$/.exec(zone) ?? []
  if (hours === undefined) return undefined
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes))
}
