// Who may ask the codec server, from which pages, and who sees personal data.

import { createHash, timingSafeEqual } from 'node:crypto'
import type { CodecServerConfig } from '#runtime/config'
import { ConfigError } from '#runtime/errors'
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

/** What of a request says who asks. */
export type Asker = {
  readonly authorization: string | undefined
  readonly origin: string | undefined
}

export type Rules = Tokens & {
  readonly CODEC_SERVER_ORIGINS: readonly string[]
  /** Whether pages of CODEC_SERVER_ORIGINS may ask without a token; always so where CODEC_SERVER_TOKEN is not set. */
  readonly isOpenToPages: boolean
}

/**
 * What the asker may see, or null where it may not come in. Either token lets in whoever sends it. Without one, only
 * a page of CODEC_SERVER_ORIGINS may ask, since only a browser says truly from where. Takes the same time for any
 * wrong token.
 */
export function accessOf({ authorization, origin }: Asker, rules: Rules): Access | null {
  const { CODEC_SERVER_TOKEN: ordinary, CODEC_SERVER_PERSONAL_TOKEN: personal } = rules
  const given = bearerOf(authorization)
  if (personal !== undefined && isSame(given, personal)) return 'personal'
  if (ordinary !== undefined && isSame(given, ordinary)) return 'masked'
  const isWrong = authorization !== undefined && (ordinary ?? personal) !== undefined
  if (isWrong || origin === undefined) return null
  const isOpen = rules.isOpenToPages || ordinary === undefined
  return isOpen && isAllowedOrigin(origin, rules.CODEC_SERVER_ORIGINS) ? 'masked' : null
}

/** @param allowed origins; `http://localhost:*` is any port of that host. No origin at all is no browser. */
export function isAllowedOrigin(origin: string | undefined, allowed: readonly string[]): boolean {
  if (origin === undefined) return true
  return allowed.includes(origin) || allowed.includes(origin.replace(/:\d+$/, ':*'))
}

/**
 * Whether a request that came in on this machine's own address also means it. A page whose host name was made to
 * point here (DNS rebinding) sends that name.
 * @param listening the address the server listens on: where that is open to other machines, it may have any name
 */
export function isAllowedHost(host: string | undefined, listening: string): boolean {
  return !isLoopback(listening) || isLoopback(hostNameOf(host))
}

function hostNameOf(host: string | undefined): string {
  const url = `http://${host ?? ''}`
  return host !== undefined && URL.canParse(url) ? new URL(url).hostname : ''
}

const SCHEME = 'bearer '

function bearerOf(authorization = ''): string {
  const isBearer = authorization.slice(0, SCHEME.length).toLowerCase() === SCHEME
  return isBearer ? authorization.slice(SCHEME.length).trim() : ''
}

function isSame(one: string, other: string): boolean {
  return timingSafeEqual(sha256(one), sha256(other))
}

const sha256 = (text: string) => createHash('sha256').update(text).digest()

const isLoopback = (host: string) => /^(localhost|127(\.\d{1,3}){3}|::1|\[::1\])$/.test(host)
