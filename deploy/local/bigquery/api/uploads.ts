// Load jobs whose file comes with the request, at once (multipart) or in pieces (resumable).

import { randomUUID } from 'node:crypto'
import type { Jobs } from '../engine/jobs.ts'
import type { TableDeps } from '../engine/table-changes.ts'
import { loadTask } from '../load/load-job.ts'
import { ApiError, invalid, notFound, notImplemented } from '../values/errors.ts'
import { type Json, jobBody, parseBody } from '../values/resources.ts'
import { type ApiRequest, parseObject, Reply } from './http.ts'
import { jobResource } from './job-resource.ts'
import { multipartParts } from './multipart.ts'

type Upload = { readonly job: Json; readonly pieces: Buffer[] }

// A client that never finishes its upload must not hold memory without end.
const MAX_UPLOADS = 20
const MAX_UPLOAD_BYTES = 512 * 1024 * 1024

/** The handlers of POST and PUT; a job starts once its file is complete. */
export function createUploadRoutes(deps: TableDeps, jobs: Jobs) {
  const uploads = new Map<string, Upload>()

  const begin = (job: Json, content: Buffer) => {
    const { jobReference, configuration } = parseBody(jobBody, job)
    if (!configuration.load) throw notImplemented('uploads for jobs other than load jobs')
    const task = loadTask(deps, configuration.load, content)
    return jobResource(jobs.start(task, jobReference?.jobId), deps.catalog.project)
  }

  const open = ({ bytes, headers, url }: ApiRequest) => {
    if (uploads.size >= MAX_UPLOADS) uploads.delete(uploads.keys().next().value ?? '')
    const id = randomUUID()
    uploads.set(id, { job: parseObject(bytes.toString()), pieces: [] })
    const location = `http://${headers.host}${url.pathname}?uploadType=resumable&upload_id=${id}`
    return new Reply(200, { location })
  }

  return {
    insert: async (request: ApiRequest) => {
      const uploadType = request.query.get('uploadType')
      if (uploadType === 'resumable') return open(request)
      if (uploadType !== 'multipart') throw notImplemented(`uploads of the type ${uploadType}`)
      const [job, content] = multipartParts(request.headers['content-type'], request.bytes)
      return begin(parseObject(job.toString()), content)
    },
    continue: async ({ query, headers, bytes }: ApiRequest) => {
      const id = query.get('upload_id') ?? ''
      const upload = uploads.get(id)
      if (!upload) throw notFound('Upload', id)
      const total = take(upload, headers['content-range'], bytes)
      const received = sizeOf(upload)
      if (received !== total) return unfinished(received)
      uploads.delete(id)
      return begin(upload.job, Buffer.concat(upload.pieces))
    },
  }
}

const sizeOf = ({ pieces }: Upload) => pieces.reduce((sum, piece) => sum + piece.length, 0)

/** Tells the client how much of the file is here. */
const unfinished = (received: number) =>
  new Reply(308, received > 0 ? { range: `bytes=0-${received - 1}` } : {})

const RANGE = /^bytes (?:(\d+)-\d+|\*)\/(\d+|\*)$/

/** Keeps the piece. Returns the size of the whole file, where it is known. */
function take(upload: Upload, range: string | undefined, bytes: Buffer): number | undefined {
  const received = sizeOf(upload)
  const [, from, total] = RANGE.exec(range ?? `bytes 0-0/${bytes.length}`) ?? []
  if (total === undefined) throw invalid(`Invalid Content-Range: ${range}`)
  if (from !== undefined && bytes.length > 0) {
    if (Number(from) !== received) throw invalid(`The upload continues at byte ${received}.`)
    if (received + bytes.length > MAX_UPLOAD_BYTES)
      throw new ApiError(413, 'invalid', `Uploads are limited to ${MAX_UPLOAD_BYTES} bytes here.`)
    upload.pieces.push(bytes)
  }
  return total === '*' ? undefined : Number(total)
}
