// Keeps a refusal that is not BigQuery's from ending this process: Google's client reads its list of errors outside of any promise.

import { ApiError } from '@google-cloud/common'
import { z } from 'zod'

const errorList = z.array(z.looseObject({ message: z.string().optional() }))

const createMessage = ApiError.createMultiErrorMessage.bind(ApiError)

/**
 * Google's `ApiError` puts the messages of a refusal together with `forEach`, whatever `errors` is, in a callback whose
 * exception nothing catches. A value that is no list of objects counts as absent, so that the refusal is an error like
 * any other: the request fails, and the process continues. Repeating the call changes nothing.
 */
export function tolerateAnyErrorList(): void {
  ApiError.createMultiErrorMessage = (error, errors) =>
    createMessage(error, errorList.safeParse(errors).success ? errors : undefined)
}
