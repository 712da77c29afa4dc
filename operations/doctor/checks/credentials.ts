// Checks that Google issues a token for the credentials of this process.

import { GoogleAuth } from 'google-auth-library'
import { oneLine } from '../../google.ts'
import { error, type Report } from '../finding.ts'
import type { Site } from '../site.ts'

const SCOPE = 'https://www.googleapis.com/auth/cloud-platform'

/** A local server takes no credentials, so that nothing is checked where all of Google's services are local. */
export async function checkCredentials({ config }: Site): Promise<Report> {
  if (config.PUBSUB_EMULATOR_HOST && config.BIGQUERY_EMULATOR_HOST)
    return { seen: 'local servers need none', findings: [] }
  try {
    const auth = new GoogleAuth({ scopes: SCOPE })
    const [token, account] = await Promise.all([auth.getAccessToken(), accountOf(auth)])
    if (!token) throw new Error('Google issued no token')
    return { seen: `a token was issued to ${account}`, findings: [] }
  } catch (failure) {
    return { seen: '', findings: [noToken(oneLine(failure))] }
  }
}

/** Who the credentials are of, where they tell. */
async function accountOf(auth: GoogleAuth): Promise<string> {
  const { client_email: email } = await auth.getCredentials().catch(() => ({ client_email: '' }))
  return email || 'the signed-in account'
}

const noToken = (why: string) =>
  error(
    'Google Cloud credentials',
    `Google issues no token: ${why}`,
    'Sign in (gcloud auth application-default login), or give the process a service account (Workload Identity).',
  )
