/** The facts of a name as DNS and port 80 tell them now. */
import { randomBytes } from 'node:crypto'
import { Resolver } from 'node:dns/promises'
import { rm, writeFile } from 'node:fs/promises'
import { networkInterfaces } from 'node:os'
import { join } from 'node:path'
import { http } from '../node-http.ts'
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
    return {
      addresses,
      caa: await caaOf(host, resolver),
      own: own.filter((address) => !/^(127\.|::1$|fe80:)/.test(address)),
      answered: asked ? await answers(host, dir) : undefined,
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

/** Asks the name itself for a file that only this server has. */
async function answers(host: string, dir: string): Promise<boolean> {
  const token = `preflight-${randomBytes(12).toString('hex')}`
  const file = join(dir, token)
  await writeFile(file, token, { mode: 0o644 })
  try {
    return await new Promise<boolean>((resolve) => {
      const sent = http.request({
        host,
        port: 80,
        path: `/.well-known/acme-challenge/${token}`,
        timeout: TIMEOUT_MS,
      })
      sent.once('response', (response) => {
        let body = ''
        response.setEncoding('utf8').on('data', (chunk: string) => (body = (body + chunk).slice(0, 1024)))
        response.once('end', () => resolve(body === token))
        response.once('error', () => resolve(false))
      })
      sent.once('timeout', () => sent.destroy())
      sent.once('error', () => resolve(false))
      sent.once('close', () => resolve(false))
      sent.end()
    })
  } finally {
    await rm(file, { force: true })
  }
}
