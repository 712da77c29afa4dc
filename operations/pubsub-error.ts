// What can go wrong between this process and Pub/Sub, in one typed form.

import type { PubSubAddress } from '#runtime/pubsub'
import { withoutSecrets } from '#runtime/secrets'
import { codeOf, GRPC } from '#runtime/status-codes'

export type PubSubErrorCode =
  /** Nothing answers at the address. */
  | 'unreachable'
  /** There are no credentials, or they are refused. */
  | 'no_credentials'
  /** The account has no right to do this. */
  | 'not_permitted'

/** Its message is what the client said; its cause is the client's error. */
export class PubSubError extends Error {
  override readonly name = 'PubSubError'
  readonly code: PubSubErrorCode
  readonly project: string
  /** The address of a local Pub/Sub, without a password; undefined for Google's own. */
  readonly endpoint: string | undefined

  constructor(code: PubSubErrorCode, address: PubSubAddress, error: unknown) {
    super(error instanceof Error ? error.message : String(error))
    if (error instanceof Error && error.cause !== undefined) this.cause = error.cause
    this.code = code
    this.project = address.GOOGLE_CLOUD_PROJECT
    this.endpoint = address.PUBSUB_EMULATOR_HOST && withoutSecrets(address.PUBSUB_EMULATOR_HOST)
  }
}

const NO_CREDENTIALS = /could not load the default credentials/i

/** @returns a PubSubError where a person must sign in or be given a role, else the error itself */
export function toPubSubError(error: unknown, address: PubSubAddress): unknown {
  const code = codeOf(error)
  const said = error instanceof Error ? error.message : String(error)
  if (code === GRPC.UNAUTHENTICATED || NO_CREDENTIALS.test(said))
    return new PubSubError('no_credentials', address, error)
  return code === GRPC.PERMISSION_DENIED ? new PubSubError('not_permitted', address, error) : error
}
