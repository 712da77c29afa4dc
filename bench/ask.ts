// Asks a stand-in over HTTP.

/** @throws where it does not answer, or not with success */
export async function ask(url: string): Promise<unknown> {
  const response = await fetch(url)
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${await response.text()}`)
  return response.json()
}
