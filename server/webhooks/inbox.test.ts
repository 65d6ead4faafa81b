import t from 'tap'
import { createHookBox } from './hooks.fixture.ts'
import { standardHeaders, signs } from './sources/sign.fixture.ts'

const DAY_MS = 86_400_000
const json = JSON.stringify
const push = (more: object = {}) =>
  json({
    object_kind: 'push',
    ref: 'refs/heads/main',
    before: 'a'.repeat(40),
    after: 'b'.repeat(40),
    user_name: 'Mira Holt',
    project: { path_with_namespace: 'acme/shop' },
    commits: [{ id: 'b1', title: 'Fix' }],
    total_commits_count: 1,
    ...more,
  })

t.test('a webhook that proves itself becomes an event, once', async (t) => {
  const box = await createHookBox([{ name: 'gitlab', type: 'gitlab', minion: 'git' }])
  t.teardown(() => box.close())
  const { path, secret = '' } = box.hooks.sources.create('gitlab', 'root')
  const headers = { 'x-gitlab-token': secret, 'idempotency-key': 'one' }
  const answer = await box.send(path, push(), headers)
  t.equal(answer.statusCode, 202)
  t.equal(answer.body, '{}')
  t.match(box.events.list(), [
    {
      type: 'push',
      source: 'gitlab',
      minion: 'git',
      title: 'Mira Holt pushed 1 commit to main of acme/shop',
      data: { ref: 'main', payload: { object_kind: 'push' } },
    },
  ])
  for (let count = 0; count < 5; count++)
    t.equal(
      (await box.send(path, push({ again: count }), headers)).statusCode,
      202,
      'a repeated one is answered alike',
    )
  t.equal(box.events.list().length, 1)
  await box.send(path, push(), { ...headers, 'idempotency-key': 'two' })
  t.equal(box.events.list().length, 2, 'the same words with another name are another webhook')

  for (const [what, wrong] of [
    ['no secret', {}],
    ['another secret', { 'x-gitlab-token': 'x' }],
    ['an empty one', { 'x-gitlab-token': '' }],
    ['twice', { 'x-gitlab-token': `${secret}, ${secret}` }],
  ] as const)
    t.match(
      (await box.send(path, push(), { 'idempotency-key': what, ...wrong })).json(),
      { code: 'hook.refused', status: 401 },
      what,
    )
  t.match((await box.api('GET', '/sources')).json(), {
    sources: [
      {
        name: 'gitlab',
        title: 'GitLab',
        proof: 'secret',
        address: 'https://hooks.example.org/hooks/gitlab/…',
        accepted: 2,
        repeated: 5,
        refused: { signature: 4 },
        lastSeen: '2026-11-21T08:00:00.000Z',
        lastRefused: { reason: 'signature' },
      },
    ],
  })
  const told = box.events.list({ source: 'summoner' })
  t.match(
    told,
    [{ type: 'source.refused', minion: 'git', data: { reason: 'signature' } }],
    'told once, not four times',
  )
})

t.test('what has no name is known by its body, for some minutes', async (t) => {
  const box = await createHookBox([{ name: 'wekan', type: 'wekan' }])
  t.teardown(() => box.close())
  const { path, secret = '' } = box.hooks.sources.create('wekan', 'root')
  const body = json({ description: 'act-moveCard', card: 'Labels', user: 'mira' })
  const send = () => box.send(path, body, { 'x-wekan-token': secret })
  await send()
  await send()
  t.equal(box.events.list().length, 1)
  box.clock.at += 5 * 60_000 + 1
  await send()
  t.equal(box.events.list().length, 2, 'the card was moved once more')
})

t.test('addresses: rotated with an overlap, revoked at once', async (t) => {
  const box = await createHookBox([])
  t.teardown(() => box.close())
  const made = await box.api('POST', '/sources', { name: 'ci', type: 'standard-webhooks' })
  t.equal(made.statusCode, 201)
  t.equal(made.headers['cache-control'], 'no-store')
  const first = made.json<{ url: string; inside: string; secret: string; id: string }>()
  t.match(first.url, /^https:\/\/hooks\.example\.org\/hooks\/ci\/[\w-]{43}$/)
  t.match(first.inside, /^http:/)
  t.match(first.secret, /^whsec_/)
  t.same(box.wishes, [{ name: 'ci', type: 'standard-webhooks' }])
  t.match((await box.api('POST', '/sources', { name: 'ci', type: 'generic' })).json(), {
    code: 'entry.exists',
  })
  const stored = json(box.db.prepare('SELECT * FROM hook_tokens').all())
  t.notOk(stored.includes(first.url.slice(-43)), 'only its hash is kept')

  let number = 0
  const send = async (url: string, secret: string) => {
    const raw = Buffer.from(json({ type: 'x', number: ++number }))
    const signed = standardHeaders({ raw, secret, at: box.clock.at })
    return (await box.send(new URL(url).pathname, raw, signed)).statusCode
  }
  // the fixture signs with one id: each must be its own webhook here
  const count = () => box.events.list({ source: 'ci' }).length
  t.equal(await send(first.url, first.secret), 202)
  const second = (await box.api('POST', '/sources/ci/tokens', { overlap: 3600 })).json<typeof first>()
  t.not(second.secret, first.secret)
  t.equal(await send(first.url, first.secret), 202, 'the old one is good beside the new one')
  t.equal(await send(second.url, second.secret), 202)
  t.equal(await send(first.url, second.secret), 401, 'each has its own secret')
  t.equal(await send(second.url, first.secret), 401)
  box.clock.at += 3_600_001
  t.equal(await send(first.url, first.secret), 404, 'until the overlap is over')
  t.equal(await send(second.url, second.secret), 202)
  t.ok(count() >= 1)
  t.match((await box.api('GET', '/sources')).json(), { sources: [{ tokens: [{ id: second.id }] }] })

  t.equal((await box.api('DELETE', '/sources/ci/tokens/nope')).statusCode, 404)
  t.equal((await box.api('DELETE', `/sources/ci/tokens/${second.id}`)).statusCode, 204)
  t.equal(await send(second.url, second.secret), 404)
  const third = (await box.api('POST', '/sources/ci/tokens', {})).json<typeof first>()
  t.same((await box.api('DELETE', '/sources/ci/tokens')).json(), { revoked: 2 })
  t.equal(await send(third.url, third.secret), 404)
  const fourth = (await box.api('POST', '/sources/ci/tokens', { overlap: 0 })).json<typeof first>()
  t.equal((await box.api('DELETE', '/sources/ci')).statusCode, 204)
  t.equal(await send(fourth.url, fourth.secret), 404)
  t.match((await box.api('POST', '/sources/ci/tokens', {})).json(), { code: 'source.unknown' })
  t.match((await box.api('DELETE', '/sources/ci')).json(), { code: 'entry.unknown' })
})

t.test('a stale signature, and one from the future', async (t) => {
  const box = await createHookBox([{ name: 'blog', type: 'ghost' }])
  t.teardown(() => box.close())
  const { path, secret = '' } = box.hooks.sources.create('blog', 'root')
  const raw = Buffer.from(json({ post: { current: { title: 'a', status: 'published' }, previous: {} } }))
  const send = (at: number) => box.send(`${path}/post.published`, raw, signs.ghost({ raw, secret, at }))
  t.match((await send(box.clock.at - 301_000)).json(), { code: 'hook.stale' })
  t.match((await send(box.clock.at + 301_000)).json(), { code: 'hook.stale' })
  t.equal(box.events.list({ source: 'blog' }).length, 0)
  t.equal((await send(box.clock.at - 299_000)).statusCode, 202)
  t.match(box.events.list({ source: 'blog' }), [{ type: 'post.published' }])
})

t.test('a secret of the tool, two while it changes', async (t) => {
  const box = await createHookBox([{ name: 'chat', type: 'mattermost' }])
  t.teardown(() => box.close())
  const made = box.hooks.sources.create('chat', 'root')
  t.notOk('secret' in made, 'Mattermost makes up its own')
  const send = (token: string, post: string) =>
    box.send(made.path, json({ token, post_id: post, text: 'hi', user_name: 'mira' }))
  t.match((await box.api('GET', '/sources')).json(), { sources: [{ proof: 'missing' }] })
  t.equal((await send('', 'a')).statusCode, 401)
  box.wishes[0] = { name: 'chat', type: 'mattermost', secret: { secret: 'chat-token' } }
  t.equal((await send('', 'a')).statusCode, 401, 'a secret that was never set proves nothing')
  box.secrets['chat-token'] = 'new\nold\n'
  t.same((await send('new', 'a')).json(), {})
  t.equal((await send('old', 'b')).statusCode, 200)
  t.equal((await send('', 'c')).statusCode, 401)
  t.equal((await send('older', 'c')).statusCode, 401)
  const form = new URLSearchParams({
    token: 'new',
    command: '/minion',
    text: 'up',
    trigger_id: 'x',
  }).toString()
  const slash = await box.send(made.path, form, { 'content-type': 'application/x-www-form-urlencoded' })
  t.same(slash.json(), { response_type: 'ephemeral', text: '✔' })
  t.equal(box.events.list({ source: 'chat' }).length, 3)
})

t.test('hostile senders get 4xx and leave nothing', async (t) => {
  const box = await createHookBox([
    { name: 'any', type: 'generic' },
    { name: 'slow', type: 'generic', rate: 1 },
  ])
  t.teardown(() => box.close())
  const { path } = box.hooks.sources.create('any', 'root')
  const status = async (payload: string | Buffer, headers: Record<string, string> = {}, to = path) =>
    (await box.send(to, payload, headers)).statusCode
  for (const type of [
    'text/plain',
    'application/json\t',
    ' application/json',
    'application/json, text/plain',
    'application/json;charset=utf-7',
    'application/json; charset=utf-8; x=y',
    'application/jsonx',
    'application/json\u00a0',
    'multipart/form-data; boundary=x',
    'text/html',
    'a'.repeat(500),
    '',
  ])
    t.equal(await status('{}', { 'content-type': type }), 415, json(type))
  t.equal(await status('{}', { 'content-type': 'application/json; charset=utf-8' }), 202)
  for (const encoding of ['gzip', 'deflate', 'br', 'zstd', 'identity, gzip'])
    t.equal(await status(Buffer.alloc(10), { 'content-encoding': encoding }), 415, encoding)
  t.equal(await status('x'.repeat(1024 * 1024 + 1)), 413)
  t.equal(await status(`{"a":"${'x'.repeat(1024 * 1024 - 8)}"}`), 202, 'as much as is allowed')
  for (const bad of ['{', 'nope', '"text"', '{"__proto__":{}}', '['.repeat(5000), Buffer.from([0xff, 0xfe])])
    t.equal(await status(bad), 400, String(bad).slice(0, 20))
  for (const to of [
    '/hooks/any',
    '/hooks/any/',
    '/hooks/any/x',
    `/hooks/other/${path.split('/')[3] ?? ''}`,
    `${path}x`,
    path.slice(0, -1),
    `/hooks/any/${'A'.repeat(43)}`,
    `${path}/a/b`,
    `/hooks/${'x'.repeat(200)}/${'A'.repeat(43)}`,
    '/hooks/..%2f..%2fapi/x',
  ])
    t.ok([404, 400, 414, 422].includes(await status('{}', {}, to)), to.slice(0, 60))
  t.equal(await status('{}', {}, `${path}/UPPER`), 422)
  t.equal((await box.app.inject({ method: 'GET', url: path })).statusCode, 404)
  const before = box.events.list({ source: 'any' }).length
  t.equal(await status('{"{{constructor}}":"{{ 7*7 }}","title":"{{ event | x }}"}'), 202)
  t.equal(box.events.list({ source: 'any' }).at(-1)?.title, '{{ event | x }}', 'text stays text')
  t.equal(box.events.list({ source: 'any' }).length, before + 1)

  const slow = box.hooks.sources.create('slow', 'root')
  const codes: number[] = []
  for (let count = 0; count < 12; count++) codes.push(await status(`{"n":${count}}`, {}, slow.path))
  t.same(codes, [...Array.from({ length: 10 }, () => 202), 429, 429])
  box.clock.at += 1_000
  t.equal(await status('{"n":"later"}', {}, slow.path), 202)
  t.equal(await status('{"n":"other source"}'), 202, 'one that sends too much takes nothing from the others')
  t.same(box.errors, [], 'nothing broke inside')
})

t.test('guessing is turned away, good senders are not', async (t) => {
  const box = await createHookBox([{ name: 'any', type: 'generic' }])
  t.teardown(() => box.close())
  const { path } = box.hooks.sources.create('any', 'root')
  const from = (ip: string) => ({ 'x-forwarded-for': ip })
  let status = 0
  for (let count = 0; count < 61; count++)
    status = (await box.send(`/hooks/any/${'B'.repeat(43)}`, '{}', from('198.51.100.7'))).statusCode
  t.equal(status, 429)
  t.equal((await box.send(path, '{"a":1}', from('198.51.100.8'))).statusCode, 202)
  box.clock.at += 61_000
  t.equal((await box.send(path, '{"a":2}', from('198.51.100.7'))).statusCode, 202, 'for a minute')
})

t.test('several events in a body, each once', async (t) => {
  const box = await createHookBox([{ name: 'images', type: 'registry' }])
  t.teardown(() => box.close())
  const { path, secret = '' } = box.hooks.sources.create('images', 'root')
  const event = (id: string, tag: string) => ({ id, action: 'push', target: { repository: 'a', tag } })
  const send = (...events: object[]) =>
    box.send(path, json({ events }), {
      authorization: `Bearer ${secret}`,
      'content-type': 'application/vnd.docker.distribution.events.v2+json',
    })
  await send(event('1', 'a'), event('2', 'b'))
  await send(event('2', 'b'), event('3', 'c'))
  t.equal((await send()).statusCode, 202, 'nothing to tell is no mistake')
  t.same(
    box.events.list().map(({ subject }) => subject),
    ['a:a', 'a:b', 'a:c'],
  )
})

t.test('many at once are one commit; one that cannot be written takes no other with it', async (t) => {
  const box = await createHookBox([{ name: 'any', type: 'generic', rate: 10_000 }])
  t.teardown(() => box.close())
  const { path } = box.hooks.sources.create('any', 'root')
  box.db.exec(`CREATE TRIGGER poison BEFORE INSERT ON events WHEN new.title = 'poison'
    BEGIN SELECT RAISE(ABORT, 'cannot be written'); END`)
  const answers = await Promise.all(
    Array.from({ length: 200 }, (_, index) =>
      box.send(path, json({ title: index === 77 ? 'poison' : `n${index}` })),
    ),
  )
  t.same(
    answers.flatMap(({ statusCode }, index) => (statusCode === 202 ? [] : [[index, statusCode]])),
    [[77, 500]],
  )
  t.equal(box.events.list({ source: 'any', limit: 1000 }).length, 199)
})

t.test('counts and what was seen survive, and what is over goes', async (t) => {
  const box = await createHookBox([{ name: 'any', type: 'generic' }])
  t.teardown(() => box.close())
  const { path } = box.hooks.sources.create('any', 'root')
  await box.send(path, '{"a":1}', { 'idempotency-key': 'k' })
  await box.send(path, '{')
  box.hooks.stop()
  const rows = box.db.prepare('SELECT accepted, refused, seen_at FROM hook_counts').all()
  t.same(rows, [{ accepted: 1, refused: '{"malformed":1}', seen_at: '2026-11-21T08:00:00.000Z' }])
  t.match(box.hooks.sources.tokensOf('any'), [{ createdBy: 'root' }])
  box.clock.at += 6 * DAY_MS
  await box.send(path, '{"a":1}', { 'idempotency-key': 'k' })
  t.equal(box.events.list({ source: 'any' }).length, 1, 'known for days')
})

t.test('of a body with very many keys the first are kept', async (t) => {
  const box = await createHookBox([{ name: 'any', type: 'generic' }])
  t.teardown(() => box.close())
  const { path } = box.hooks.sources.create('any', 'root')
  const wide = (count: number) =>
    json(Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, ':::::::::::::::::'])))
  t.equal((await box.send(path, wide(2_001))).statusCode, 400, 'no tool has so many in one object')
  t.equal((await box.send(path, wide(2_000))).statusCode, 202)
  t.equal(Object.keys(box.events.list()[0]?.data ?? {}).length, 500)
})
