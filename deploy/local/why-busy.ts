/** Says why the tables of the local stack cannot be read at the moment. */
import { acceptsConnections } from './probes.ts'
import { readRunningStack } from './running-stack.ts'
import { readStartingStack } from './starting-stack.ts'

/**
 * @param address the BIGQUERY_EMULATOR_HOST that is about to be asked, if one is known
 * @returns a sentence, or undefined where the local stack can be asked or the address is not the local stack's
 */
export const whyBusy = async (address: string | undefined): Promise<string | undefined> => {
  const running = await readRunningStack()
  if (address !== running?.env['BIGQUERY_EMULATOR_HOST']) return undefined
  const starting = await readStartingStack()
  if (starting !== undefined) return `A demo is starting in process ${starting}.`
  if (running === undefined || address === undefined || (await acceptsConnections(address)))
    return undefined
  return `The local BigQuery of process ${running.pid} does not answer: the demo is stopping, or has failed.`
}
