/** One suite for every action: each against a local server that keeps the contract of its documentation. */
import { createHmac } from 'node:crypto'
import { createServer, type IncomingHttpHeaders, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import { CHANNEL_TYPES, type ChannelType } from '../words.ts'
import type { Outcome } from '../delivery.ts'
import { createOutgoing } from '../outgoing.ts'
import type { Call } from '../walk.ts'
import type { About, Letter, Tools } from './action.ts'
import { actionFor } from './actions.ts'

interface Heard {
  method: string
  path: string
  headers: IncomingHttpHeaders
  body: Record<string, unknown>
}
interface Said {
  status: number
  body?: unknown
  headers?: Record<string, string>
}

/** What a real one of this kind would answer; `limit` refuses what is too long, as it does. */
interface Contract {
  target(base: string): Record<string, unknown>
  call: Call
  accepts(heard: Heard): Said
  /** Where the text stands in a request. */
  textOf(heard: Heard): string
  limit?: { count: number; measure?: 'bytes' }
  busy: { said: Said; waitMs: number }
  gone: Said
  result?: unknown
}

const NOW = Date.parse('2026-11-20T14:00:00Z')
const about: About = { id: 'msg_1', recipe: 'tell', now: NOW }
const SECRETS = ['s3cret-path', 's3cret-token', 's3cret-pass']
const post: Call = { action: 'post', channel: 'team', message: { title: 'Failed', text: '**main** \\<b\\>' } }
const text = (heard: Heard, key = 'text') => (typeof heard.body[key] === 'string' ? heard.body[key] : '')
const ok: Said = { status: 200, body: 'ok' }
const seconds = (count: number, body: unknown = {}): Contract['busy'] => ({
  said: { status: 429, headers: { 'retry-after': String(count) }, body },
  waitMs: count * 1000,
})
const need = (fits: boolean, said: Said, otherwise: Said = { status: 400, body: { message: 'invalid' } }) =>
  fits ? said : otherwise
const bearer = ({ headers }: Heard) => headers.authorization === 'Bearer s3cret-token'

const contracts: Record<Exclude<ChannelType, 'mail'>, Contract> = {
  mattermost: {
    target: (base) => ({ url: `${base}/hooks/s3cret-path`, channel: 'ops' }),
    call: post,
    accepts: (heard) =>
      need(heard.path === '/hooks/s3cret-path' && text(heard) !== '' && heard.body['channel'] === 'ops', ok),
    textOf: text,
    limit: { count: 16_383 },
    busy: seconds(3),
    gone: {
      status: 404,
      body: { id: 'web.incoming_webhook.invalid.app_error', message: 'Invalid webhook', status_code: 404 },
    },
  },
  slack: {
    target: (base) => ({ url: `${base}/services/T/B/s3cret-path` }),
    call: post,
    accepts: (heard) =>
      need(text(heard).includes('*main*') && !text(heard).includes('<b>'), ok, {
        status: 400,
        body: 'invalid_payload',
      }),
    textOf: text,
    limit: { count: 4_000 },
    busy: seconds(30),
    gone: { status: 410, body: 'channel_is_archived' },
  },
  rocketchat: {
    target: (base) => ({ url: `${base}/hooks/id/s3cret-path` }),
    call: post,
    accepts: (heard) =>
      need(text(heard) !== '' && heard.body['alias'] === 'Summoner', {
        status: 200,
        body: { success: true },
      }),
    textOf: text,
    limit: { count: 5_000 },
    busy: seconds(1),
    gone: { status: 200, body: { success: false, error: 'Invalid integration' } },
  },
  discord: {
    target: (base) => ({ url: `${base}/api/webhooks/1/s3cret-path?thread_id=7` }),
    call: post,
    accepts: (heard) =>
      need(
        heard.path === '/api/webhooks/1/s3cret-path?thread_id=7&wait=true' &&
          JSON.stringify(heard.body['allowed_mentions']) === '{"parse":[]}',
        { status: 200, body: { id: '9' } },
      ),
    textOf: (heard) => text(heard, 'content'),
    limit: { count: 2_000 },
    busy: {
      said: {
        status: 429,
        body: { message: 'You are being rate limited.', retry_after: 0.65, global: false },
      },
      waitMs: 650,
    },
    gone: { status: 404, body: { message: 'Unknown Webhook', code: 10015 } },
  },
  matrix: {
    target: (base) => ({ url: base, room: '!ops:example.org', token: 's3cret-token' }),
    call: post,
    accepts: (heard) =>
      need(
        heard.method === 'PUT' &&
          bearer(heard) &&
          /^\/_matrix\/client\/v3\/rooms\/!ops%3Aexample\.org\/send\/m\.room\.message\/msg_1(-\d+)?$/u.test(
            heard.path,
          ) &&
          text(heard, 'formatted_body').includes('<b>main</b>') &&
          !text(heard, 'formatted_body').includes('<b><'),
        { status: 200, body: { event_id: '$x' } },
        { status: 400, body: { errcode: 'M_BAD_JSON' } },
      ),
    textOf: (heard) => text(heard, 'body'),
    limit: { count: 60_000, measure: 'bytes' },
    busy: {
      said: { status: 429, body: { errcode: 'M_LIMIT_EXCEEDED', retry_after_ms: 2000 } },
      waitMs: 2000,
    },
    gone: { status: 403, body: { errcode: 'M_FORBIDDEN' } },
  },
  teams: {
    target: (base) => ({ url: `${base}/workflows/s3cret-path` }),
    call: post,
    accepts: (heard) => need(heard.body['type'] === 'message' && cardText(heard) !== '', { status: 202 }),
    textOf: cardText,
    limit: { count: 28_000, measure: 'bytes' },
    busy: seconds(5),
    gone: { status: 401, body: 'DirectApiAuthorizationRequired' },
  },
  ntfy: {
    target: (base) => ({ url: `${base}/s3cret-path`, token: 's3cret-token', priority: 4 }),
    call: post,
    accepts: (heard) =>
      need(
        heard.path === '/' &&
          bearer(heard) &&
          heard.body['topic'] === 's3cret-path' &&
          heard.body['priority'] === 4,
        { status: 200, body: { id: 'x', event: 'message' } },
      ),
    textOf: (heard) => text(heard, 'message'),
    limit: { count: 4_096, measure: 'bytes' },
    busy: seconds(60, { code: 42901, http: 429, error: 'limit reached' }),
    gone: { status: 403, body: { code: 40301, http: 403, error: 'forbidden' } },
  },
  gotify: {
    target: (base) => ({ url: base, token: 's3cret-token' }),
    call: post,
    accepts: (heard) =>
      need(
        heard.path === '/message' &&
          heard.headers['x-gotify-key'] === 's3cret-token' &&
          heard.body['title'] === 'Failed',
        { status: 200, body: { id: 1 } },
      ),
    textOf: (heard) => text(heard, 'message'),
    busy: seconds(2),
    gone: { status: 401, body: { error: 'Unauthorized', errorCode: 401 } },
  },
  telegram: {
    target: (base) => ({ url: base, token: 's3cret-token', chat: '-1001' }),
    call: post,
    accepts: (heard) =>
      need(
        heard.path === '/bots3cret-token/sendMessage' &&
          heard.body['chat_id'] === '-1001' &&
          /^[^<>]*(<(\/?)(b|i|code|a)( [^>]*)?>[^<>]*)*$/u.test(text(heard)),
        { status: 200, body: { ok: true, result: {} } },
        {
          status: 400,
          body: { ok: false, error_code: 400, description: "Bad Request: can't parse entities" },
        },
      ),
    textOf: text,
    limit: { count: 4_096 },
    busy: {
      said: { status: 429, body: { ok: false, error_code: 429, parameters: { retry_after: 7 } } },
      waitMs: 7000,
    },
    gone: { status: 403, body: { ok: false, error_code: 403, description: 'Forbidden: bot was kicked' } },
  },
  http: {
    target: (base) => ({ url: `${base}/in`, secret: `whsec_${btoa('s3cret-pass')}` }),
    call: { action: 'request', channel: 'team', method: '', body: { hello: 'world' } },
    accepts: (heard) => {
      const [id, at] = [heard.headers['webhook-id'], heard.headers['webhook-timestamp']]
      const signed = `${String(id)}.${String(at)}.${JSON.stringify(heard.body)}`
      const wanted = `v1,${createHmac('sha256', 's3cret-pass').update(signed).digest('base64')}`
      return need(heard.headers['webhook-signature'] === wanted && at === String(NOW / 1000), {
        status: 200,
        body: { got: 1 },
      })
    },
    textOf: (heard) => text(heard, 'hello'),
    busy: seconds(9),
    gone: { status: 410 },
    result: { status: 200, body: { got: 1 } },
  },
  wekan: {
    target: (base) => ({
      url: base,
      user: 'bot',
      password: 's3cret-pass',
      board: 'b1',
      list: 'l1',
      swimlane: 'w1',
    }),
    call: { action: 'card', channel: 'team', title: 'Failed', text: 'main' },
    accepts: (heard) => {
      if (heard.path === '/users/login')
        return need(
          heard.body['username'] === 'bot' && heard.body['password'] === 's3cret-pass',
          { status: 200, body: { id: 'u1', token: 's3cret-token', tokenExpires: '2026-12-01' } },
          { status: 401, body: { error: 'not-found', reason: 's3cret-pass is wrong' } },
        )
      return need(
        heard.path === '/api/boards/b1/lists/l1/cards' &&
          bearer(heard) &&
          heard.body['authorId'] === 'u1' &&
          heard.body['swimlaneId'] === 'w1',
        { status: 200, body: { _id: 'c1' } },
      )
    },
    textOf: (heard) => text(heard, 'description'),
    busy: seconds(4),
    gone: { status: 404, body: { error: 'not-found' } },
    result: { id: 'c1' },
  },
  gitlab: {
    target: (base) => ({ url: `${base}/`, token: 's3cret-token', project: 'acme/shop' }),
    call: { action: 'issue', channel: 'team', title: 'Failed', text: 'main', labels: ['ci', 'bug'] },
    accepts: (heard) =>
      need(
        heard.path === '/api/v4/projects/acme%2Fshop/issues' &&
          heard.headers['private-token'] === 's3cret-token' &&
          heard.body['labels'] === 'ci,bug' &&
          text(heard, 'description').includes('msg_1'),
        { status: 201, body: { iid: 17, web_url: 'https://git.example/acme/shop/-/issues/17' } },
      ),
    textOf: (heard) => text(heard, 'description'),
    busy: seconds(6, 'Retry later'),
    gone: { status: 404, body: { message: '404 Project Not Found' } },
    result: { number: 17, url: 'https://git.example/acme/shop/-/issues/17' },
  },
}

function cardText(heard: Heard): string {
  const attachments = heard.body['attachments'] as { content: { body: { text: string }[] } }[] | undefined
  return attachments?.[0]?.content.body[0]?.text ?? ''
}

interface Receiver {
  base: string
  heard: Heard[]
  answer(say: (heard: Heard) => Said | 'silence' | 'hang up'): void
}

async function receiver(t: Test): Promise<Receiver> {
  const heard: Heard[] = []
  let say: (heard: Heard) => Said | 'silence' | 'hang up' = () => ok
  const server = createServer((request, response) => {
    void bodyOf(request).then((raw) => {
      const one: Heard = {
        method: request.method ?? '',
        path: request.url ?? '',
        headers: request.headers,
        body: raw === '' ? {} : (JSON.parse(raw) as Record<string, unknown>),
      }
      heard.push(one)
      const said = say(one)
      if (said === 'hang up') request.socket.destroy()
      if (typeof said === 'string') return
      const { status, body, headers } = said
      response.writeHead(status, headers).end(typeof body === 'string' ? body : JSON.stringify(body ?? ''))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  return { base: `http://127.0.0.1:${port}`, heard, answer: (answers) => void (say = answers) }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = ''
  for await (const chunk of request) text += String(chunk)
  return text
}

function tools(t: Test, timeoutMs = 5_000): Tools {
  const outgoing = createOutgoing({
    ownHosts: () => new Set(),
    ports: { http: 80, https: 443 },
    ownAuthorities: () => [],
    allowed: (address) => address === '127.0.0.1',
    userAgent: 'Summoner/test',
  })
  t.teardown(outgoing.close)
  const never = () => Promise.reject(new Error('not this way'))
  return { send: outgoing.send, mail: never, minion: never, timeoutMs }
}

async function carry(
  type: ChannelType,
  call: Call,
  target: Record<string, unknown>,
  given: Tools,
): Promise<Outcome[]> {
  const parts = actionFor(call, type)?.parts(call, target, about) ?? []
  const outcomes: Outcome[] = []
  for (const part of parts) outcomes.push(await part(given))
  return outcomes
}

t.same(
  Object.keys(contracts).sort(),
  CHANNEL_TYPES.filter((type) => type !== 'mail').sort(),
  'every type is tried',
)

for (const [name, contract] of Object.entries(contracts)) {
  const type = name as Exclude<ChannelType, 'mail'>
  t.test(type, async (t) => {
    const there = await receiver(t)
    const target = contract.target(there.base)
    const given = tools(t)
    const carried = (call: Call = contract.call, with_ = given) => carry(type, call, target, with_)

    await t.test('says what its contract wants', async (t) => {
      there.answer(contract.accepts)
      const outcomes = await carried()
      t.match(outcomes, [{ ok: true }])
      t.same((outcomes[0] as { value?: unknown }).value, contract.result)
      const last = there.heard.at(-1)
      t.match(last && contract.textOf(last), /main|world/)
      t.equal(last?.headers['idempotency-key'], 'msg_1', 'with the id that never changes')
    })

    await t.test('splits what is too long', async (t) => {
      const { limit, call } = contract
      if (!limit || call.action !== 'post') {
        t.pass('it has no limit')
        return
      }
      const before = there.heard.length
      const long = Array.from(
        { length: type === 'matrix' ? 20_000 : 6_000 },
        (_, index) => `wörd${index}&`,
      ).join(' ')
      there.answer((heard) => {
        const size = limit.measure
          ? Buffer.byteLength(JSON.stringify(heard.body))
          : Array.from(contract.textOf(heard)).length
        return size <= limit.count + (limit.measure ? 600 : 0) ? { status: 200, body: {} } : { status: 413 }
      })
      const outcomes = await carried({ ...call, message: { text: long } })
      t.ok(outcomes.length > 1 && outcomes.length <= 11, `${outcomes.length} parts`)
      t.ok(outcomes.every(({ ok }) => ok))
      const ids = there.heard.slice(before).map(({ headers }) => headers['idempotency-key'])
      t.equal(new Set(ids).size, outcomes.length, 'each with an id of its own')
    })

    await t.test('waits as long as it is asked to', async (t) => {
      there.answer((heard) => (heard.path === '/users/login' ? contract.accepts(heard) : contract.busy.said))
      t.match(await carried(), [{ ok: false, retry: true, status: 429, retryAfterMs: contract.busy.waitMs }])
    })

    await t.test('tries again what may pass', async (t) => {
      for (const status of [408, 425, 500, 502, 503, 504]) {
        there.answer(() => ({ status }))
        t.match(await carried(), [{ ok: false, retry: true, status }])
      }
      there.answer(() => 'hang up')
      t.match(await carried(), [{ ok: false, retry: true }])
      there.answer(() => 'silence')
      t.match(await carried(contract.call, tools(t, 100)), [
        { ok: false, retry: true, error: /no answer within 0.1 s/ },
      ])
    })

    await t.test('gives up what will not', async (t) => {
      there.answer((heard) => (heard.path === '/users/login' ? contract.accepts(heard) : contract.gone))
      t.match(await carried(), [{ ok: false, retry: false }])
      for (const status of [400, 401, 403, 404, 410, 422]) {
        there.answer(() => ({ status }))
        t.match(await carried(), [{ ok: false, retry: false, status }])
      }
      const count = there.heard.length
      there.answer(() => ({ status: 302, headers: { location: `${there.base}/elsewhere` } }))
      t.match(await carried(), [{ ok: false, retry: false, error: /moved|302/ }])
      t.equal(there.heard.length, count + 1, 'a redirect is not followed')
    })

    await t.test('tells no secret', async (t) => {
      there.answer((heard) => ({ status: 400, body: `bad: ${JSON.stringify(heard.headers)}` }))
      const [outcome] = await carried()
      t.notOk(outcome?.ok)
      there.answer(() => 'hang up')
      const errors = await carried()
      t.notOk(SECRETS.some((secret) => JSON.stringify(errors).includes(secret)))
    })
  })
}

t.test('matrix by a webhook of hookshot', async (t) => {
  const there = await receiver(t)
  there.answer((heard) =>
    need(heard.path === '/webhook/x' && text(heard, 'html') !== '', { status: 200, body: { ok: true } }),
  )
  t.match(await carry('matrix', post, { url: `${there.base}/webhook/x` }, tools(t)), [{ ok: true }])
})

t.test('mail', async (t) => {
  const letters: Letter[] = []
  const given: Tools = {
    ...tools(t),
    mail: async (letter) => {
      letters.push(letter)
      return { ok: true }
    },
  }
  const message = { title: 'Failed\r\nBcc: x@evil.example', text: 'see **main** https://a.example' }
  await carry('mail', { action: 'post', channel: 'ops', message }, { to: ['ops@example.org'] }, given)
  await carry(
    'mail',
    { action: 'mail', to: ['mira@example.org'], message: { text: 'first\nsecond' } },
    {},
    given,
  )
  t.match(letters, [
    {
      to: ['ops@example.org'],
      subject: 'Failed Bcc: x@evil.example',
      text: 'see main https://a.example',
      html: /<b>main<\/b>/,
      id: 'msg_1',
    },
    { to: ['mira@example.org'], subject: 'first' },
  ])
})

t.test('a minion', async (t) => {
  const asked: unknown[] = []
  const given: Tools = {
    ...tools(t),
    minion: async (...words) => {
      asked.push(words.slice(0, 2))
      return { ok: true, value: { job: 'j1' } }
    },
  }
  const call: Call = { action: 'minion', verb: 'redeploy', minion: 'blog' }
  const [part] = actionFor(call, undefined)?.parts(call, {}, about) ?? []
  t.same(await part?.(given), { ok: true, value: { job: 'j1' } })
  t.same(asked, [['redeploy', 'blog']])
})
