/** From what config.yml and minion.yml say to what nginx needs: rates as numbers, passwords as hashes. */
import type { ProxyOptions } from '../config/proxy-options.ts'
import { asSummonerError } from '../errors.ts'
import { hashPassword } from './hash-password.ts'
import type { VhostOptions, WantedVhost } from './vhost.ts'

/** Throws when the secret was never set. */
export type SecretOf = (name: string) => string

const BURST = 20

/** A host whose password is not known is left out: it must never be open by a slip. */
export function resolved(
  written: ProxyOptions,
  host: string,
  secretOf: SecretOf,
): Pick<WantedVhost, 'options' | 'problem'> {
  const { https, allow, deny, rate, burst = BURST, headers, snippet, compression, http3 } = written
  const [, requests, unit] = /^([0-9]+)\/([sm])$/.exec(rate ?? '') ?? []
  const options: VhostOptions = {
    ...(https ? { https } : {}),
    ...(allow?.length ? { allow } : {}),
    ...(deny?.length ? { deny } : {}),
    ...(requests
      ? { rate: { requests: Number(requests), per: unit === 's' ? ('second' as const) : 'minute', burst } }
      : {}),
    ...(headers && Object.keys(headers).length > 0 ? { headers } : {}),
    ...(written.static && Object.keys(written.static).length > 0 ? { static: written.static } : {}),
    ...(snippet ? { snippet } : {}),
    ...(compression === false ? { compression } : {}),
    ...(http3 ? { http3 } : {}),
  }
  try {
    const users = (written.auth ?? []).map(({ user, password }) => ({
      name: user,
      hash: hashPassword(secretOf(password.secret), `${user}@${host}`),
    }))
    if (users.length > 0) options.users = users
  } catch (error) {
    return { options, problem: asSummonerError(error).message }
  }
  return Object.keys(options).length > 0 ? { options } : {}
}

/** Hosts that lead to this one for good. */
export const redirectsTo = (goal: WantedVhost, { redirect_from: hosts = [] }: ProxyOptions): WantedVhost[] =>
  hosts.map((host) => leadingTo(goal, host, true))

/** It leads to HTTPS, and from there, only where its goal has it. */
export function leadingTo(
  { host: to, owner, wish, options }: WantedVhost,
  host: string,
  permanent = false,
): WantedVhost {
  return {
    host,
    owner,
    serve: { kind: 'redirect', to, ...(permanent ? { permanent } : {}) },
    ...(wish?.tls === undefined ? {} : { wish: { tls: wish.tls } }),
    ...(options?.https === 'nohttps' ? { options: { https: options.https } } : {}),
  }
}
