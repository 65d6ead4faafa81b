import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { pino } from 'pino'
import t, { type Test } from 'tap'
import { Type } from 'typebox'
import { createAccounts } from '../accounts/create-accounts.ts'
import { createTokens } from '../accounts/create-tokens.ts'
import { createHashes } from '../accounts/password-hash.ts'
import { openDatabase } from '../db/open-database.ts'
import { createEvents } from '../events/create-events.ts'
import { createHttp } from '../http/create-http.ts'
import { auditRoutes } from './audit.routes.ts'
import { createAudit } from './create-audit.ts'
import { lineDiff } from './line-diff.ts'

const PASSWORD = 'correct horse battery staple'
const ORIGIN = 'https://summoner.example.org'

async function box(t: Test) {
  const folder = mkdtempSync(join(tmpdir(), 'summoner-audit-'))
  const { db } = openDatabase({ file: join(folder, 'box.db'), log: { info() {}, error() {} } })
  const now = () => new Date('2026-03-01T12:00:00.000Z')
  const tokens = createTokens({ db, randomBytes, now })
  const accounts = createAccounts({
    db,
    events: createEvents({ db, log: { error() {} }, now }),
    randomBytes,
    now,
    origin: () => ORIGIN,
    domain: () => 'example.org',
    hashes: createHashes({ N: 2 ** 10, r: 8, p: 1 }),
  })
  const audit = createAudit({
    db,
    now,
    log: { error: () => void t.fail('an entry was lost') },
    redact: (text) => text.replaceAll('hunter2', '[hidden]'),
    isUser: accounts.people.has,
    keep: { house: 20, strangers: 5 },
  })
  const app = await createHttp({
    logger: pino({ level: 'silent' }),
    authenticate: tokens.authenticate,
    sessions: accounts.check,
    version: '1',
  })
  audit.watch(app)
  await app.register(
    async (api) => {
      await api.register(accounts.routes)
      await api.register(auditRoutes({ audit }))
      const schema = { summary: 'x', tags: ['x'], operationId: 'rewrite', response: { 200: Type.Object({}) } }
      api.put('/config', { config: { role: 'operator' }, schema }, async () => {
        await sleep(1)
        audit.configWritten('a: 1\nb: 2\n', 'a: 1\nb: hunter2\n')
        return {}
      })
      api.get(
        '/reveal/:name',
        {
          config: { role: 'administrator', audited: true },
          schema: {
            ...schema,
            operationId: 'reveal',
            params: Type.Object({ name: Type.String() }),
          },
        },
        () => ({}),
      )
    },
    { prefix: '/api/v1' },
  )
  t.teardown(async () => {
    await app.close()
    db.close()
    rmSync(folder, { recursive: true, force: true })
  })
  const token = (role: 'viewer' | 'administrator') =>
    tokens.create({ name: `the ${role}`, role }, 'local').token
  const ask = async (
    method: 'GET' | 'POST' | 'PUT' | 'DELETE',
    url: string,
    bearer?: string,
    payload?: object,
  ) =>
    app.inject({
      method,
      url: `/api/v1${url}`,
      headers: {
        'x-forwarded-for': '192.0.2.7',
        'x-forwarded-proto': 'https',
        ...(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }),
      },
      ...(payload ? { payload } : {}),
    })
  const list = () => audit.list({ limit: 100 }).map(({ id: _id, at: _at, ...entry }) => entry)
  return { audit, accounts, ask, list, token, administrator: token('administrator') }
}

t.test('who, what, from where, with which outcome', async (t) => {
  const { ask, list, token, administrator } = await box(t)
  const viewer = token('viewer')
  const from = { via: 'token', address: '192.0.2.7' } as const
  await ask('POST', '/users', administrator, { name: 'zoe', role: 'viewer' })
  await ask('DELETE', '/users/zoe', viewer)
  await ask('DELETE', '/users/zoe', administrator)
  await ask('GET', '/reveal/cloud', administrator)
  t.same(list(), [
    { actor: 'the administrator', ...from, action: 'reveal', target: 'cloud', status: 200 },
    { actor: 'the administrator', ...from, action: 'removeUser', target: 'zoe', status: 204 },
    { actor: 'the viewer', ...from, action: 'removeUser', target: 'zoe', status: 403 },
    { actor: 'the administrator', ...from, action: 'addUser', target: 'zoe', status: 201 },
  ])
  await ask('GET', '/users', administrator)
  await ask('POST', '/users', 'wrong', { name: 'x', role: 'viewer' })
  await ask('POST', '/nowhere', administrator)
  t.equal(list().length, 4, 'reading, strangers and wrong addresses are not kept')
  t.match((await ask('GET', '/audit?limit=1', administrator)).json(), {
    entries: [{ id: 4, at: '2026-03-01T12:00:00.000Z', action: 'reveal' }],
  })
  t.match((await ask('GET', '/audit?before=4&actor=the%20viewer', administrator)).json(), {
    entries: [{ id: 2 }],
  })
  t.equal((await ask('GET', '/audit', viewer)).statusCode, 403)
})

t.test('sign-ins: who is known by name, what a stranger typed is not kept', async (t) => {
  const { ask, list, accounts } = await box(t)
  const link = accounts.people.setupLink().url.split('#')[1]
  await ask('POST', '/setup/check', undefined, { link })
  await ask('POST', '/setup', undefined, { link, name: 'zoe', password: PASSWORD })
  await ask('POST', '/session', undefined, { name: 'zoe', password: 'wrong' })
  await ask('POST', '/session', undefined, { name: PASSWORD, password: 'zoe' })
  t.match(list(), [
    { actor: 'unknown', via: 'public', action: 'signIn', status: 401 },
    { actor: 'zoe', via: 'public', action: 'signIn', status: 401 },
    { actor: 'zoe', via: 'user', action: 'acceptLink', status: 201 },
  ])
  t.equal(list().length, 3)
  t.notMatch(JSON.stringify(list()), PASSWORD)
})

t.test('a change of config.yml carries its lines and whoever was behind it', async (t) => {
  const { audit, ask, list, administrator } = await box(t)
  await ask('PUT', '/config', administrator)
  await audit.onBehalf('zoe', async () => {
    await sleep(1)
    audit.configWritten('a: 1\n', 'a: 2\n')
  })
  audit.configWritten('a: 1\n', 'a: 1\nb: 2\n')
  t.match(list(), [
    { actor: 'summoner', via: 'local', action: 'writeConfig', change: '+b: 2' },
    { actor: 'zoe', via: 'job', action: 'writeConfig', change: '-a: 1\n+a: 2' },
    { actor: 'the administrator', via: 'token', action: 'rewrite', status: 200 },
    { actor: 'the administrator', via: 'token', address: '192.0.2.7', change: '-b: 2\n+b: [hidden]' },
  ])
})

t.test('two at once are not taken for each other', async (t) => {
  const { audit, list } = await box(t)
  await Promise.all(
    ['ann', 'ben', 'cleo'].map(async (name, index) =>
      audit.onBehalf(name, async () => {
        await sleep(3 - index)
        audit.configWritten('x', name)
      }),
    ),
  )
  for (const { actor, change } of list()) t.match(change, `+${actor}`)
})

t.test('strangers do not push out what the house did', async (t) => {
  const { ask, list, audit, administrator } = await box(t)
  await ask('DELETE', '/users/nobody', administrator)
  for (let count = 0; count < 15; count++)
    await ask('POST', '/session', undefined, { name: 'x', password: 'x' })
  for (let count = 0; count < 190; count++) audit.configWritten('a', String(count))
  const kept = list()
  t.equal(kept.filter(({ via }) => via === 'public').length, 5)
  t.equal(kept.filter(({ via }) => via !== 'public').length <= 25, true)
})

t.test('lines that differ', async (t) => {
  t.equal(lineDiff('a\nb\n', 'a\nb\n'), '')
  t.equal(lineDiff('a\nb\nc\nd\n', 'a\nx\nc\ne\nd\n'), '-b\n+x\n+e')
  t.equal(lineDiff('', 'a'), '-\n+a')
  t.equal(lineDiff('a\na\na', 'a\na'), '-a')
  const long = Array.from({ length: 5000 }, (_, index) => `line ${index}`)
  const shuffled = lineDiff(long.join('\n'), long.toReversed().join('\n'))
  t.ok(shuffled.length <= 32_770)
  t.match(shuffled, /…$/)
})
