/** An ACME server that does what pebble cannot: asks to come back later, moves its renewal windows, pauses an account. */
import { createPublicKey, type JsonWebKey, randomBytes, verify, webcrypto } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
// the X.509 library resolves its parts through decorators and wants this first
// oxlint-disable-next-line import/no-unassigned-import
import 'reflect-metadata'
import * as x509 from '@peculiar/x509'
import { makeRoot } from '../server/certificates/sign.ts'

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
const DAY = 86_400_000

interface OrderState {
  identifiers: { value: string }[]
  proven: boolean
  replaces?: string
  profile?: string
  certificate?: string
}
interface Reply {
  status: number
  body?: unknown
  headers?: Record<string, string>
}
export interface Refusal {
  status: number
  type: string
  detail: string
  retryAfter?: string
}

export async function startFakeAcme({ now, lifeDays = 90 }: { now(): Date; lifeDays?: number }) {
  const root = await makeRoot(now(), randomBytes)
  const rootPem = root['root.pem'] ?? ''
  const rootCertificate = new x509.X509Certificate(rootPem)
  const signingKey = await webcrypto.subtle.importKey(
    'pkcs8',
    x509.PemConverter.decodeFirst(root['root.key'] ?? ''),
    ALGORITHM,
    false,
    ['sign'],
  )
  const nonces = new Set<string>()
  const accounts: JsonWebKey[] = []
  const orders: OrderState[] = []
  const state = {
    /** Answers every new order like this, while it is set. */
    refusal: undefined as Refusal | undefined,
    /** Of every certificate; undefined: none is advised. */
    window: undefined as { start: Date; end: Date; retryAfter?: string } | undefined,
    /** Requests for new orders, refused ones too. */
    asked: [] as { at: Date; names: string[]; replaces?: string; profile?: string; refused: boolean }[],
    /** Certificates whose renewal was asked about. */
    advised: [] as string[],
  }
  let base = ''

  const problem = ({ status, type, detail, retryAfter }: Refusal): Reply => ({
    status,
    body: { type: `urn:ietf:params:acme:error:${type}`, detail, status },
    ...(retryAfter === undefined ? {} : { headers: { 'retry-after': retryAfter } }),
  })
  const malformed = (detail: string): Reply => problem({ status: 400, type: 'malformed', detail })
  const view = (index: number): unknown => {
    const { identifiers, proven, certificate, profile } = orders[index] as OrderState
    return {
      status: certificate ? 'valid' : proven ? 'ready' : 'pending',
      identifiers: identifiers.map(({ value }) => ({ type: 'dns', value })),
      authorizations: [`${base}/authz/${index}`],
      finalize: `${base}/finalize/${index}`,
      expires: new Date(now().getTime() + DAY).toISOString(),
      ...(profile ? { profile } : {}),
      ...(certificate ? { certificate: `${base}/cert/${index}` } : {}),
    }
  }
  const challenge = (index: number): unknown => ({
    type: 'http-01',
    url: `${base}/challenge/${index}`,
    token: `token-${index}`,
    status: orders[index]?.proven ? 'valid' : 'pending',
  })

  const sign = async (csr: string, names: string[]): Promise<string> => {
    const request = new x509.Pkcs10CertificateRequest(Buffer.from(csr, 'base64url'))
    const leaf = await x509.X509CertificateGenerator.create({
      serialNumber: `40${randomBytes(15).toString('hex')}`,
      subject: '',
      issuer: rootCertificate.subject,
      notBefore: now(),
      notAfter: new Date(now().getTime() + lifeDays * DAY),
      signingAlgorithm: ALGORITHM,
      publicKey: request.publicKey,
      signingKey,
      extensions: [
        new x509.SubjectAlternativeNameExtension(
          names.map((value) => ({ type: 'dns' as const, value })),
          true,
        ),
        await x509.AuthorityKeyIdentifierExtension.create(rootCertificate.publicKey),
      ],
    })
    return `${leaf.toString('pem')}\n`
  }

  const newOrder = (payload: Record<string, unknown>): Reply => {
    const identifiers = payload['identifiers'] as { value: string }[]
    const [replaces, profile] = [payload['replaces'], payload['profile']] as (string | undefined)[]
    const more = { ...(replaces ? { replaces } : {}), ...(profile ? { profile } : {}) }
    const names = identifiers.map(({ value }) => value)
    state.asked.push({ at: now(), names, ...more, refused: state.refusal !== undefined })
    if (state.refusal) return problem(state.refusal)
    orders.push({ identifiers, proven: false, ...more })
    const index = orders.length - 1
    return { status: 201, body: view(index), headers: { location: `${base}/order/${index}` } }
  }

  /** RFC 8555 §6: flattened JWS, the right URL, a fresh nonce, a signature of a known key. */
  const signed = (
    text: string,
    url: string,
  ): { payload: Record<string, unknown>; jwk?: JsonWebKey } | Reply => {
    const jws = JSON.parse(text) as Record<'protected' | 'payload' | 'signature', string>
    const decode = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString() || '{}') as unknown
    const header = decode(jws.protected) as { nonce: string; url: string; kid?: string; jwk?: JsonWebKey }
    if (!nonces.delete(header.nonce)) return problem({ status: 400, type: 'badNonce', detail: 'stale nonce' })
    if (header.url !== url) return malformed(`url is ${header.url}`)
    const jwk = header.jwk ?? accounts[Number(/\/account\/([0-9]+)$/.exec(header.kid ?? '')?.[1])]
    if (!jwk) return problem({ status: 400, type: 'accountDoesNotExist', detail: 'no such account' })
    const key = { key: createPublicKey({ key: jwk, format: 'jwk' }), dsaEncoding: 'ieee-p1363' as const }
    const data = Buffer.from(`${jws.protected}.${jws.payload}`)
    if (!verify('sha256', data, key, Buffer.from(jws.signature, 'base64url')))
      return malformed('bad signature')
    return { payload: decode(jws.payload) as Record<string, unknown>, jwk }
  }

  const answer = async (request: IncomingMessage, text: string): Promise<Reply> => {
    const path = request.url ?? ''
    const [, what = '', rest = ''] = path.split('/')
    if (what === 'dir')
      return {
        status: 200,
        body: {
          newNonce: `${base}/nonce`,
          newAccount: `${base}/new-account`,
          newOrder: `${base}/new-order`,
          renewalInfo: `${base}/ari`,
          meta: { profiles: { classic: 'a', shortlived: 'b' } },
        },
      }
    if (what === 'nonce') return { status: 200 }
    if (what === 'ari') {
      state.advised.push(rest)
      if (!state.window) return { status: 404 }
      const { start, end, retryAfter = '3600' } = state.window
      const suggestedWindow = { start: start.toISOString(), end: end.toISOString() }
      return { status: 200, body: { suggestedWindow }, headers: { 'retry-after': retryAfter } }
    }
    const checked = signed(text, `${base}${path}`)
    if ('status' in checked) return checked
    const { payload, jwk } = checked
    const index = Number(rest)
    const order = orders[index]
    if (what === 'new-account' && jwk) {
      const known = accounts.findIndex(({ x }) => x === jwk.x)
      if (known < 0) accounts.push(jwk)
      const location = `${base}/account/${known < 0 ? accounts.length - 1 : known}`
      return { status: known < 0 ? 201 : 200, body: { status: 'valid' }, headers: { location } }
    }
    if (what === 'new-order') return newOrder(payload)
    if (!order) return malformed(`nothing at ${path}`)
    if (what === 'authz') {
      const [identifier] = view(index) ? order.identifiers : []
      const status = order.proven ? 'valid' : 'pending'
      return {
        status: 200,
        body: {
          status,
          identifier: { type: 'dns', value: identifier?.value },
          challenges: [challenge(index)],
        },
      }
    }
    if (what === 'challenge') {
      order.proven = true
      return { status: 200, body: challenge(index) }
    }
    if (what === 'finalize')
      order.certificate = await sign(
        String(payload['csr']),
        order.identifiers.map(({ value }) => value),
      )
    if (what === 'cert')
      return {
        status: 200,
        body: order.certificate,
        headers: { 'content-type': 'application/pem-certificate-chain' },
      }
    return { status: 200, body: view(index), headers: { location: `${base}/order/${index}` } }
  }

  const send = (response: ServerResponse, { status, body, headers = {} }: Reply): void => {
    const nonce = randomBytes(12).toString('base64url')
    nonces.add(nonce)
    response
      .writeHead(status, { 'content-type': 'application/json', 'replay-nonce': nonce, ...headers })
      .end(typeof body === 'string' ? body : body === undefined ? '' : JSON.stringify(body))
  }
  const server = createServer((request, response) => {
    let text = ''
    request.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
    request.once('end', () => {
      answer(request, text).then(
        (reply) => send(response, reply),
        (error: unknown) => send(response, malformed(String(error))),
      )
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  base = `http://127.0.0.1:${(server.address() as { port: number }).port}`
  return { directory: `${base}/dir`, rootPem, state, close: () => server.close() }
}
