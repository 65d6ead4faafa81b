/** Hetzner, Cloud API (the DNS API of its own was switched off in May 2026). A change is an action that takes its time. */
import { setTimeout as sleep } from 'node:timers/promises'
import { SummonerError } from '../../errors.ts'
import {
  type Answer,
  type ApiDeps,
  at,
  createAsk,
  listOf,
  quoted,
  refused,
  textAt,
  zoneOf,
} from './dns-api.ts'
import type { DnsProvider, TxtRecord } from './dns-provider.ts'

const API = 'https://api.hetzner.cloud/v1'
const TTL = 60
const ACTION_LOOKS = 60

export function createHetzner({
  token,
  transport,
  api = API,
  zone,
  pauseMs = 1_000,
}: ApiDeps & { token: string; pauseMs?: number }): DnsProvider {
  const ask = createAsk('Hetzner', transport)
  const headers = { authorization: `Bearer ${token.trim()}` }
  const urlOf = async (name: string): Promise<string> => {
    const place = await zoneOf({ provider: 'Hetzner', name, ...(zone ? { zone } : {}) }, async (asked) => {
      const { data } = await ask({ method: 'GET', url: `${api}/zones?name=${asked}`, headers })
      return listOf(data, 'zones')[0]
    })
    return `${api}/zones/${textAt(place.found, 'id')}/rrsets/${place.label}/TXT/actions`
  }
  const ended = async ({ data }: Answer): Promise<void> => {
    let action = at(data, 'action')
    for (let looks = 0; textAt(action, 'status') === 'running'; looks++) {
      if (looks === ACTION_LOOKS)
        throw new SummonerError('certificate.failed', 'Hetzner does not end the change of a TXT record.')
      await sleep(pauseMs)
      const answer = await ask({ method: 'GET', url: `${api}/actions/${textAt(action, 'id')}`, headers })
      action = at(answer.data, 'action')
    }
    if (textAt(action, 'status') === 'error')
      throw refused('Hetzner', 'the change of a TXT record', 200, action)
  }
  return {
    async add({ name, value }: TxtRecord) {
      const body = { ttl: TTL, records: [{ value: quoted(value) }] }
      await ended(await ask({ method: 'POST', url: `${await urlOf(name)}/add_records`, headers, body }))
    },
    async remove({ name, value }: TxtRecord) {
      const body = { records: [{ value: quoted(value) }] }
      const url = `${await urlOf(name)}/remove_records`
      const answer = await ask({ method: 'POST', url, headers, body, also: [404] })
      if (answer.status !== 404) await ended(answer)
    },
  }
}
