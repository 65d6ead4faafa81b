/** One order at an ACME server, from account to chain. The protocol is the library's; what it lacks is added here. */
import { X509Certificate } from 'node:crypto'
import type { Authorization, Client, Order } from 'acme-client'
import { SummonerError } from '../../errors.ts'
import type { Proof, Prover } from '../challenges/challenge.ts'
import { type Issued, issuerName } from '../issuer.ts'
import { AcmeBusy, type Transport } from './transport.ts'

export interface AcmeServer {
  directory: string
  accountKey: string
  contact?: string
  eab?: { kid: string; hmacKey: string }
  transport: Transport
}

export interface OrderInput {
  server: AcmeServer
  names: readonly string[]
  prover: Prover
  publiclyTrusted: boolean
  profile?: string
  /** Common name of the root that the chain should end in. */
  chain?: string
  /** Identifier of the certificate that this one replaces. */
  replaces?: string
}

const POLL = { backoffAttempts: 20, backoffMin: 1_000, backoffMax: 15_000 }
/** The library itself repeats a rejected nonce five times; a rejected request has changed nothing on the server. */
const NONCE_ROUNDS = 6

/** A second account would be opened at the server if two orders began it at once. */
const clients = new Map<string, Promise<Client>>()

export async function orderCertificate(input: OrderInput): Promise<Issued> {
  const { server, names } = input
  const { crypto } = await import('acme-client')
  const { client, order } = await begin(input)
  for (const authorization of await again(() => client.getAuthorizations(order)))
    await prove(client, authorization, input.prover)
  const key = (await crypto.createPrivateEcdsaKey('P-256')).toString()
  // the first name as common name would not fit every profile; alternative names are all that clients read
  const [, csr] = await crypto.createCsr({ altNames: [...names] }, key)
  const done = await again(() => client.finalizeOrder(order, csr))
  const fullchain = await again(() => client.getCertificate(done, input.chain))
  return {
    fullchain: `${fullchain.trim()}\n`,
    privateKey: key,
    issuer: issuerName(new X509Certificate(fullchain)),
    publiclyTrusted: input.publiclyTrusted,
    source: server.directory,
  }
}

async function begin({
  server,
  names,
  profile,
  replaces,
}: OrderInput): Promise<{ client: Client; order: Order }> {
  const identifiers = names.map((value) => ({ type: 'dns', value }))
  const plain = { identifiers, ...(profile ? { profile } : {}) }
  const ask = async (request: typeof plain) => {
    const client = await accountOf(server)
    return { client, order: await again(() => client.createOrder(request)) }
  }
  try {
    return await ask({ ...plain, ...(replaces ? { replaces } : {}) })
  } catch (error) {
    // what the server has forgotten is opened anew, with the same key
    if (/\[accountDoesNotExist\]/.test(messageOf(error))) clients.delete(idOf(server))
    else if (!replaces || !/alreadyReplaced|replaces/.test(messageOf(error))) throw error
    return ask(plain)
  }
}

async function accountOf(server: AcmeServer): Promise<Client> {
  const id = idOf(server)
  // the roots that the server is trusted by may have changed since its account was opened
  routes.set(new URL(server.directory).origin, server.transport)
  const known = clients.get(id)
  if (known) return known
  const opening = openAccount(server)
  clients.set(id, opening)
  opening.catch(() => clients.delete(id))
  return opening
}

const idOf = ({ directory, contact, eab }: AcmeServer): string =>
  JSON.stringify([directory, contact, eab?.kid])

async function openAccount({ directory, accountKey, contact, eab }: AcmeServer): Promise<Client> {
  const acme = await import('acme-client')
  acme.axios.defaults.adapter = adapter
  const client = new acme.Client({
    directoryUrl: directory,
    accountKey,
    ...(eab ? { externalAccountBinding: eab } : {}),
    ...POLL,
  })
  const open = (contacts: string[]) =>
    again(() => client.createAccount({ termsOfServiceAgreed: true, contact: contacts }))
  await open(contact ? [`mailto:${contact}`] : []).catch((error: unknown) => {
    // an address that the server does not like is no reason to go without a certificate
    if (contact && /invalidContact|unsupportedContact/.test(String(error))) return open([])
    throw error
  })
  return client
}

async function prove(client: Client, authorization: Authorization, prover: Prover): Promise<void> {
  const name = authorization.identifier.value
  if (authorization.status === 'valid') return
  const challenge = authorization.challenges.find(({ type }) => type === prover.type)
  if (!challenge)
    throw new SummonerError('certificate.failed', `The server offers no ${prover.type} for ${name}.`)
  const proof: Proof = {
    name,
    token: challenge.token,
    value: await client.getChallengeKeyAuthorization(challenge),
  }
  try {
    await prover.present(proof)
    await again(() => client.completeChallenge(challenge))
    await again(() => client.waitForValidStatus(challenge))
  } catch (error) {
    throw error instanceof AcmeBusy
      ? error
      : new SummonerError('certificate.failed', `${name} could not be proven: ${messageOf(error)}`, {
          cause: error,
        })
  } finally {
    await prover.remove(proof).catch(() => undefined)
  }
}

/** Repeats what was refused for its nonce only. */
async function again<T>(ask: () => Promise<T>): Promise<T> {
  for (let round = 1; ; round++) {
    try {
      return await ask()
    } catch (error) {
      if (round >= NONCE_ROUNDS || !/\[badNonce\]/.test(messageOf(error))) throw error
    }
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** By origin: the library knows one adapter for all its clients. */
const routes = new Map<string, Transport>()

interface AdapterConfig {
  url?: string
  method?: string
  headers?: object
  data?: unknown
}

async function adapter(config: AdapterConfig): Promise<never> {
  const url = config.url ?? ''
  const transport = routes.get(new URL(url).origin)
  if (!transport) throw new Error(`The ACME server names another server: ${new URL(url).origin}`)
  const { status, headers, body } = await transport({
    url,
    method: (config.method ?? 'get').toUpperCase(),
    headers: Object.fromEntries(
      Object.entries({ ...config.headers }).flatMap(([name, value]) =>
        typeof value === 'string' ? [[name, value]] : [],
      ),
    ),
    ...(typeof config.data === 'string' ? { body: config.data } : {}),
  })
  const data = status >= 400 ? withType(body) : body
  // the library's types of its transport are those of a browser; it reads only these fields
  return { status, statusText: '', headers, data, config, request: undefined } as never
}

/** The library hands on the detail only; what kind of error it is decides what is done next. */
function withType(body: string): string {
  try {
    const problem = JSON.parse(body) as { type?: string; detail?: string }
    if (typeof problem.type !== 'string') return body
    const kind = problem.type.replace(/^.*:/, '')
    return JSON.stringify({ ...problem, detail: `${problem.detail ?? 'refused'} [${kind}]` })
  } catch {
    return body
  }
}
