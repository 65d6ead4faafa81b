/** From wishes to a served site: gathers the wanted hosts, gives each its certificate, hands them to the proxy. */
import type { Certificate, Certificates } from '../certificates/certificate.ts'
import type { TlsWish } from '../certificates/source.ts'
import { SummonerError, asSummonerError } from '../errors.ts'
import type { Proxy, ProxyApplied, Vhost, WantedVhost } from './vhost.ts'

interface PublisherDeps {
  wanted(): Promise<WantedVhost[]>
  /** false with `tls: none` of the box, or of the owner of the host. */
  secure(wish: TlsWish | undefined): boolean
  certificates: Pick<Certificates, 'ensure' | 'list'>
  proxy: Proxy
  /** After each sync. */
  onPublished?(): void
}

export interface VhostState {
  vhost: WantedVhost
  /** Why it is not served, when it is not. */
  rejected?: string
}

export interface Publisher {
  /** Resolves once nginx serves what was wanted at the call or later. Calls at once share the work. */
  sync(): Promise<ProxyApplied>
  /** Writes the tree before nginx runs. */
  prepareTree(): Promise<void>
  /** As last published; another array after every change. */
  states(): VhostState[]
  /** What the owner of the host wants of its certificate. */
  wishOf(host: string): TlsWish | undefined
}

export function createPublisher({
  wanted,
  secure,
  certificates,
  proxy,
  onPublished,
}: PublisherDeps): Publisher {
  let states: VhostState[] = []
  let asked: ReadonlyMap<string, TlsWish> = new Map()
  let waiting: Promise<ProxyApplied> | undefined
  let running: Promise<unknown> = Promise.resolve()

  /** A host without certificate is left out: it must never fall back to plain HTTP by itself. */
  const gather = async (): Promise<{
    vhosts: Vhost[]
    wishes: WantedVhost[]
    failed: ProxyApplied['rejected']
  }> => {
    const wishes = await wanted()
    asked = new Map(wishes.flatMap(({ host, wish }) => (wish ? [[host, wish]] : [])))
    const vhosts: Vhost[] = []
    const failed: ProxyApplied['rejected'] = []
    for (const wish of wishes) {
      const { certificate, problem, wish: ofOwner, ...vhost } = wish
      if (problem !== undefined) {
        failed.push({ host: wish.host, message: problem })
        continue
      }
      try {
        const plain = !secure(ofOwner) || wish.options?.https === 'nohttps'
        vhosts.push({ ...vhost, tls: plain ? undefined : await tlsOf(wish.host, certificate) })
      } catch (error) {
        failed.push({ host: wish.host, message: asSummonerError(error).message })
      }
    }
    return { vhosts, wishes, failed }
  }

  const tlsOf = async (host: string, wished: string | undefined): Promise<Vhost['tls']> => {
    const { certificateFile, keyFile, publiclyTrusted } =
      wished === undefined ? await own(host) : named(wished)
    return { certificate: certificateFile, key: keyFile, publiclyTrusted }
  }

  const own = async (host: string): Promise<Certificate> => {
    if (!host.endsWith('.*')) return certificates.ensure(host)
    throw new SummonerError('proxy.invalid', `No certificate covers ${host}: name one with CERT_NAME.`)
  }

  const named = (name: string): Certificate => {
    const found = certificates.list().find((certificate) => certificate.name === name)
    if (!found) throw new SummonerError('proxy.invalid', `CERT_NAME: there is no certificate called ${name}.`)
    return found
  }

  const remember = (wishes: WantedVhost[], rejected: ProxyApplied['rejected']): void => {
    states = wishes.map((vhost) => {
      const message = rejected.find(({ host }) => host === vhost.host)?.message
      return message === undefined ? { vhost } : { vhost, rejected: message }
    })
  }

  return {
    sync() {
      if (waiting) return waiting
      const before = running
      const work = (async () => {
        await before.catch(() => undefined)
        waiting = undefined
        const { vhosts, wishes, failed } = await gather()
        const applied = await proxy.apply(vhosts)
        const rejected = [...failed, ...applied.rejected]
        remember(wishes, rejected)
        onPublished?.()
        return { ...applied, rejected }
      })()
      waiting = work
      running = work
      return work
    },
    async prepareTree() {
      const { vhosts, wishes, failed } = await gather()
      await proxy.prepare(vhosts)
      remember(wishes, failed)
    },
    states: () => states,
    wishOf: (host) => asked.get(host),
  }
}
