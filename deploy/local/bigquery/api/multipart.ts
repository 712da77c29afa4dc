// Takes apart a multipart/related body: the resource, and the file that it is about.

import { invalid } from '../values/errors.ts'

const BOUNDARY = /boundary=(?:"([^"]+)"|([^;\s]+))/i
const END_OF_HEADERS = '\r\n\r\n'

/** @throws 400 `invalid` where the body does not have the two parts that its content type promises */
export function multipartParts(
  contentType: string | undefined,
  body: Buffer,
): readonly [resource: Buffer, file: Buffer] {
  const [, quoted, bare] = BOUNDARY.exec(contentType ?? '') ?? []
  const boundary = quoted ?? bare
  if (boundary === undefined)
    throw invalid('The content type of an upload must be multipart/related.')
  const [resource, file] = partsBetween(body, `--${boundary}`)
  if (!resource || !file) throw invalid('An upload has two parts: the job, and the file.')
  return [resource, file]
}

function partsBetween(body: Buffer, delimiter: string): Buffer[] {
  const parts: Buffer[] = []
  let start = body.indexOf(delimiter)
  while (start !== -1) {
    const end = body.indexOf(`\r\n${delimiter}`, start + delimiter.length)
    if (end === -1) break
    const headersEnd = body.indexOf(END_OF_HEADERS, start)
    parts.push(body.subarray(headersEnd + END_OF_HEADERS.length, end))
    start = end + 2
  }
  return parts
}
