// Who may ask the codec server, from which pages, and who sees personal data.

import { createHash, timingSafeEqual } from 'node:crypto'
import { type CodecServerConfig, ConfigError } from '#runtime/config'
import type { Access } from './partner-data.ts'

type Tokens = Pick<CodecServerConfig, 'CODEC_SERVER_TOKEN' | 'CODEC_SERVER_PERSONAL_TOKEN'>

/** @throws ConfigError where everybody on the network could read without a token */
export function refuseOpenNetwork(config: CodecServerConfig): void {
  const { CODEC_SERVER_HOST: host, CODEC_SERVER_TOKEN: token } = config
  if (token !== undefined || isLoopback(host)) return
  throw new ConfigError(
    `CODEC_SERVER_TOKEN is not set, and CODEC_SERVER_HOST ${host} is open to other machines: set the token, or listen on 127.0.0.1. Where something else keeps others out, say so with --without-token.`,
  )
}

/**
 * What the bearer of this `Authorization` header may see, or null where it may not come in.
 * Without CODEC_SERVER_TOKEN whoever brings no token sees masked data. Takes the same time for any wrong token.
 */
export function accessOf(authorization: string | undefined, tokens: Tokens): Access | null {
  const { CODEC_SERVER_TOKEN: ordinary, CODEC_SERVER_PERSONAL_TOKEN: personal } = tokens
  const given = /^bearer +(\S+)$/i.exec(authorization ?? '')?.[1] ?? ''
  if (personal !== undefined && isSame(given, personal)) return 'personal'
  if (ordinary !== undefined) return isSame(given, ordinary) ? 'masked' : null
  const isWrong = personal !== undefined && authorization !== undefined
  return isWrong ? null : 'masked'
}

/** @param allowed origins; `http://localhost:*` is any port of that host. No origin at all is no browser. */
export function isAllowedOrigin(origin: string | undefined, allowed: readonly string[]): boolean {
  if (origin === undefined) return true
  return allowed.includes(origin) || allowed.includes(origin.replace(/:\d+$/, ':*'))
}

function isSame(one: string, other: string): boolean {
  return timingSafeEqual(sha256(one), sha256(other))
}

const sha256 = (text: string) => createHash('sha256').update(text).digest()

const isLoopback = (host: string) => /^(localhost|127(\.\d{1,3}){3}|::1)$/.test(host)
