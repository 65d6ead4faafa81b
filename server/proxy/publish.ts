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
  /** What it is served with over HTTPS. */
  certificate?: Certificate
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
  /** Hosts that want a certificate of their own: not those that are plain, cannot be served, or borrow one by name. */
  secureHosts(): string[]
  /** Names of the certificates that hosts are served with; undefined before anything was wanted. */
  usedCertificates(): ReadonlySet<string> | undefined
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
  let used: ReadonlySet<string> | undefined
  let waiting: Promise<ProxyApplied> | undefined
  let running: Promise<unknown> = Promise.resolve()

  /** A host without certificate is left out: it must never fall back to plain HTTP by itself. */
  const gather = async (): Promise<{
    vhosts: Vhost[]
    wishes: WantedVhost[]
    failed: ProxyApplied['rejected']
    held: ReadonlyMap<string, Certificate>
  }> => {
    const wishes = await wanted()
    asked = new Map(wishes.flatMap(({ host, wish }) => (wish ? [[host, wish]] : [])))
    const vhosts: Vhost[] = []
    const failed: ProxyApplied['rejected'] = []
    const held = new Map<string, Certificate>()
    for (const wish of wishes) {
      const { certificate, problem, wish: ofOwner, ...vhost } = wish
      if (problem !== undefined) {
        failed.push({ host: wish.host, message: problem })
        continue
      }
      try {
        const plain = !secure(ofOwner) || wish.options?.https === 'nohttps'
        const used = plain
          ? undefined
          : await (certificate === undefined ? own(wish.host) : named(certificate))
        if (used) held.set(wish.host, used)
        vhosts.push({ ...vhost, tls: used && tlsOf(used) })
      } catch (error) {
        failed.push({ host: wish.host, message: asSummonerError(error).message })
      }
    }
    // nginx serves them before it is known that it does
    used = new Set([...held.values()].map(({ name }) => name))
    return { vhosts, wishes, failed, held }
  }

  const tlsOf = ({ certificateFile, keyFile, publiclyTrusted }: Certificate): Vhost['tls'] => ({
    certificate: certificateFile,
    key: keyFile,
    publiclyTrusted,
  })

  const own = async (host: string): Promise<Certificate> => {
    if (!host.endsWith('.*')) return certificates.ensure(host)
    throw new SummonerError('proxy.invalid', `No certificate covers ${host}: name one with CERT_NAME.`)
  }

  const named = (name: string): Certificate => {
    const found = certificates.list().find((certificate) => certificate.name === name)
    if (!found) throw new SummonerError('proxy.invalid', `CERT_NAME: there is no certificate called ${name}.`)
    return found
  }

  const remember = (
    { wishes, held }: { wishes: WantedVhost[]; held: ReadonlyMap<string, Certificate> },
    rejected: ProxyApplied['rejected'],
  ): void => {
    states = wishes.map((vhost) => {
      const message = rejected.find(({ host }) => host === vhost.host)?.message
      const certificate = held.get(vhost.host)
      return {
        vhost,
        ...(message === undefined ? {} : { rejected: message }),
        ...(certificate ? { certificate } : {}),
      }
    })
  }

  return {
    sync() {
      if (waiting) return waiting
      const before = running
      const work = (async () => {
        await before.catch(() => undefined)
        waiting = undefined
        const gathered = await gather()
        const applied = await proxy.apply(gathered.vhosts)
        const rejected = [...gathered.failed, ...applied.rejected]
        remember(gathered, rejected)
        onPublished?.()
        return { ...applied, rejected }
      })()
      waiting = work
      running = work
      return work
    },
    async prepareTree() {
      const gathered = await gather()
      await proxy.prepare(gathered.vhosts)
      remember(gathered, gathered.failed)
    },
    states: () => states,
    wishOf: (host) => asked.get(host),
    secureHosts: () =>
      states
        .filter(
          ({ certificate, vhost }) => certificate && [undefined, vhost.host].includes(vhost.certificate),
        )
        .map(({ vhost }) => vhost.host),
    usedCertificates: () => used,
  }
}
