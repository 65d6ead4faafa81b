/** The facts of a name as DNS and port 80 tell them now. */
import { Resolver } from 'node:dns/promises'
import { networkInterfaces } from 'node:os'
import { type AddressAnswer, askAddresses } from './ask-addresses.ts'
import type { LookAt, NameFacts } from './preflight.ts'

const TIMEOUT_MS = 5_000

interface LookAtDeps {
  /** Folder that nginx serves at /.well-known/acme-challenge/. */
  dir: string
}

export const createLookAt =
  ({ dir }: LookAtDeps): LookAt =>
  async (name, source) => {
    const host = name.replace(/^\*\./, '')
    const resolver = new Resolver({ timeout: TIMEOUT_MS, tries: 2 })
    const addresses = await addressesOf(host, resolver)
    const own = Object.values(networkInterfaces()).flatMap((found) =>
      (found ?? []).map(({ address }) => address),
    )
    const asked = source.dns === undefined && addresses !== undefined && addresses.length > 0
    const answers = asked ? await askAddresses(host, addresses, { dir }) : undefined
    const addressesThat = (are: AddressAnswer) =>
      [...(answers ?? [])].filter(([, answer]) => answer === are).map(([address]) => address)
    return {
      addresses,
      caa: await caaOf(host, resolver),
      own: own.filter((address) => !/^(127\.|::1$|fe80:)/.test(address)),
      answered: answers && addressesThat('ours').length > 0,
      strangers: addressesThat('other'),
    }
  }

async function addressesOf(host: string, resolver: Resolver): Promise<string[] | undefined> {
  const asked = await Promise.allSettled([resolver.resolve4(host), resolver.resolve6(host)])
  const found = asked.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []))
  const silent = asked.every(({ status }, index) => status === 'rejected' && !isEmptyAnswer(asked[index]))
  return silent ? undefined : found
}

const isEmptyAnswer = (answer: PromiseSettledResult<unknown> | undefined): boolean =>
  answer?.status === 'rejected' &&
  ['ENODATA', 'ENOTFOUND'].includes(String((answer.reason as { code?: unknown }).code))

async function caaOf(host: string, resolver: Resolver): Promise<NameFacts['caa']> {
  for (let name = host; name.includes('.'); name = name.slice(name.indexOf('.') + 1)) {
    const records = await resolver.resolveCaa(name).catch(() => [])
    if (records.length > 0) return records
  }
  return []
}
