// Reads the metrics of a process of ours from its port, as Prometheus does.

const LINE = /^(\w+)(?:\{(.*)\})? (\S+)$/

/** The series that are not zero, by name and labels but for the service, of the metrics whose names start so. */
export async function scrape(
  address: string,
  ...starts: readonly string[]
): Promise<Readonly<Record<string, number>>> {
  const text = await (await fetch(`http://${address}/metrics`)).text()
  const series = text.split('\n').flatMap((line): [string, number][] => {
    const [, name = '', labels = '', value = ''] = LINE.exec(line) ?? []
    if (!starts.some((start) => name.startsWith(start)) || value === '0') return []
    const own = labels.split(',').filter((label) => !label.startsWith('service='))
    return [[own.length > 0 ? `${name}{${own.join()}}` : name, Number(value)]]
  })
  return Object.fromEntries(series)
}

export type Series = { readonly name: string; readonly labels: Readonly<Record<string, string>> }

/** Every series of a process, whatever its value. */
export async function scrapeSeries(address: string): Promise<Series[]> {
  const text = await (await fetch(`http://${address}/metrics`)).text()
  return text.split('\n').flatMap((line): Series[] => {
    const [, name, labels = ''] = LINE.exec(line) ?? []
    if (name === undefined) return []
    const pairs = [...labels.matchAll(/(\w{1,64})="([^"]*)"/g)]
    return [{ name, labels: Object.fromEntries(pairs.map(([, key, value]) => [key, value])) }]
  })
}
