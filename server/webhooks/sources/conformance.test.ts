/** One suite for every source: recorded payloads of its documentation, signed as its tool signs. */
import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import t from 'tap'
import type { Facts } from '../../events/event.ts'
import { sourceEventTypes, sourceTypes } from './all.ts'
import { parseForm, parseJson } from './parse-body.ts'
import { coversBody, coversTime, signs, standardHeaders } from './sign.fixture.ts'
import { SOURCE_TYPES, type Body, type Call, type SourceTypeName } from './source.ts'
import { factsOf } from './tidy.ts'
import { formOf } from '../receive.ts'
import { WORDS } from './vocabulary.ts'

interface Fixture {
  file: string
  headers: Record<string, string>
  body: unknown
  /** Sent as a form. */
  form?: boolean
  /** The last part of the address. */
  event?: string
  events: Partial<Facts>[]
}

const FOLDER = resolve(import.meta.dirname, '../../../test/fixtures/webhooks')
const NOW = Date.parse('2026-11-21T08:00:00Z')
const SECRET = 'TWlyYXMgc2VjcmV0IG9mIDMyIGJ5dGVzIHdpdGggcGFk'

function fixturesOf(name: SourceTypeName): Fixture[] {
  return readdirSync(join(FOLDER, name)).map((file) => {
    const text = readFileSync(join(FOLDER, name, file), 'utf8').replaceAll('$SECRET', SECRET)
    return { ...(JSON.parse(text) as Omit<Fixture, 'file'>), file }
  })
}

function bytesOf({ form, body }: Fixture): Buffer {
  const text = form ? new URLSearchParams(body as Record<string, string>).toString() : JSON.stringify(body)
  return Buffer.from(text)
}

function callOf(
  name: SourceTypeName,
  fixture: Fixture,
  more: Partial<Call> & { secret?: string } = {},
): Call {
  const raw = bytesOf(fixture)
  const { secret = SECRET, ...call } = more
  const { authorization: _, ...headers } = fixture.headers
  return {
    headers: { ...headers, ...signs[name]({ raw, secret, at: NOW }) },
    event: fixture.event,
    raw,
    now: NOW,
    ...call,
  }
}

function bodyOf(fixture: Fixture, raw: Buffer): Body {
  const parsed = fixture.form ? parseForm(raw) : parseJson(raw)
  if ('problem' in parsed) throw new Error(parsed.problem)
  return parsed.body
}

/** Every path of objects in it, without the items of lists. */
function pathsIn(value: unknown, at = ''): string[] {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return [at]
  return Object.entries(value).flatMap(([key, inner]) => pathsIn(inner, at === '' ? key : `${at}.${key}`))
}

for (const name of SOURCE_TYPES) {
  const type = sourceTypes[name]
  t.test(name, async (t) => {
    t.equal(type.name, name)
    const fixtures = fixturesOf(name)
    t.ok(fixtures.length > 0, 'has recorded payloads')
    const produced = new Map<string, Facts[]>()
    for (const fixture of fixtures) {
      const { file } = fixture
      const call = callOf(name, fixture)
      t.ok(formOf(type, fixture.headers['content-type']), `${file}: its content type is taken`)
      t.equal(type.verify(call, SECRET), undefined, `${file}: signed as the tool does`)

      const body = bodyOf(fixture, call.raw)
      const said = type.normalise(body, call) ?? []
      const facts = (Array.isArray(said) ? said : [said]).map((one) => factsOf(one, body, call.raw.length))
      t.match(facts, fixture.events, file)
      t.equal(facts.length, fixture.events.length, `${file}: as many events as expected`)
      for (const one of facts) {
        const known = one.type in WORDS
        t.ok(!known || (type.words as readonly string[]).includes(one.type), `${file}: ${one.type} is listed`)
        t.notMatch(one.title, /undefined|null|NaN|\[object|\s{2}|[\n\t]/, `${file}: ${one.title}`)
        t.notOk(
          JSON.stringify({ ...one, data: { ...one.data, payload: 0 } }).includes(SECRET),
          'no secret is shown',
        )
        produced.set(one.type, [...(produced.get(one.type) ?? []), one])
      }
      t.equal(type.deliveryId?.(call, body), type.deliveryId?.(callOf(name, fixture), body), 'a stable name')

      // whatever is missing or of another kind, it is read without a word
      for (const key of Object.keys(body))
        for (const wrong of [undefined, null, 7, 'x', [], {}, [null], { id: {} }])
          t.doesNotThrow(
            () => {
              const broken: Body = { ...body, [key]: wrong }
              const what = type.normalise(broken, call) ?? []
              for (const one of Array.isArray(what) ? what : [what]) factsOf(one, broken, 1)
            },
            `${file}: ${key} as ${JSON.stringify(wrong)}`,
          )
    }
    const [first] = fixtures
    if (first === undefined) return

    // proof
    for (const wrong of ['', 'x', SECRET.slice(0, -1), `${SECRET}zzzz`, SECRET.toLowerCase()])
      t.equal(type.verify(callOf(name, first), wrong), 'signature', `not with ${wrong.slice(0, 6)}…`)
    if (name !== 'mattermost') {
      const unsigned = { headers: { 'content-type': 'application/json' } }
      t.equal(type.verify(callOf(name, first, unsigned), SECRET), 'signature', 'not without a proof')
      t.equal(type.verify(callOf(name, first, unsigned), ''), 'signature', 'nor with nothing for nothing')
    }
    if (coversBody.includes(name)) {
      const good = callOf(name, first)
      const tampered = Buffer.from(good.raw)
      tampered[tampered.length - 2] = (tampered.at(-2) ?? 0) ^ 1
      t.equal(type.verify({ ...good, raw: tampered }, SECRET), 'signature', 'one bit of the body')
      t.equal(type.verify({ ...good, raw: Buffer.concat([good.raw, Buffer.from(' ')]) }, SECRET), 'signature')
    }
    if (coversTime.includes(name)) {
      const at = (ms: number) => type.verify(callOf(name, first, { now: NOW + ms }), SECRET)
      t.equal(at(299_000), undefined)
      t.equal(at(-299_000), undefined)
      t.equal(at(301_000), 'timestamp', 'too old')
      t.equal(at(-301_000), 'timestamp', 'from the future')
      const stale = callOf(name, first, { now: NOW + 301_000 })
      t.equal(type.verify(stale, 'x'), 'signature', 'only who has the secret hears about the clock')
    }

    // what a recipe is promised
    for (const word of type.words) {
      if (!produced.has(word)) continue
      const { data = {} } = WORDS[word].sample as { data?: object }
      const real = new Set(produced.get(word)?.flatMap((one) => pathsIn(one.data ?? {})) ?? [])
      // trackers share the words of forges, not their details
      if (name === 'taiga' && word.startsWith('issue.')) continue
      for (const path of pathsIn(data).filter((one) => one !== ''))
        t.ok(
          [...real].some((one) => one === path || one.startsWith(`${path}.`)) || word === 'received',
          `${word}: data.${path} of the sample is really there`,
        )
    }
  })
}

t.test('GitLab signs since 2026, beside its token or alone', async (t) => {
  const { verify } = sourceTypes.gitlab
  const [fixture] = fixturesOf('gitlab')
  if (fixture === undefined) return
  const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`
  const raw = bytesOf(fixture)
  const signed = { ...fixture.headers, ...standardHeaders({ raw, secret, at: NOW }) }
  const call = { headers: signed, raw, now: NOW }
  t.equal(verify(call, secret), undefined)
  t.equal(verify({ ...call, now: NOW + 301_000 }, secret), 'timestamp')
  t.equal(verify({ ...call, raw: Buffer.from('{}') }, secret), 'signature')
  t.equal(verify({ ...call, headers: { ...signed, 'x-gitlab-token': 'plain' } }, 'plain'), undefined)
  const two = `v1,${Buffer.alloc(32).toString('base64')} ${signed['webhook-signature'] ?? ''}`
  t.equal(
    verify({ ...call, headers: { ...signed, 'webhook-signature': two } }, secret),
    undefined,
    'while keys rotate',
  )
})

t.test('every type has a line in both languages and a sample', async (t) => {
  const lines = sourceEventTypes()
  for (const { type, source, summary, sample } of lines) {
    t.ok(summary.en && summary.fr && summary.en !== summary.fr, `${source} ${type}`)
    t.equal(sample.type, type)
  }
  const used = new Set(lines.map(({ type }) => type))
  t.same(
    Object.keys(WORDS).filter((word) => !used.has(word)),
    [],
    'no word that nobody says',
  )
})

t.test('bodies of attackers', async (t) => {
  const refused = (text: string | Buffer, parse = parseJson) => 'problem' in parse(Buffer.from(text))
  for (const text of [
    '',
    'x',
    '7',
    '"x"',
    'null',
    '{',
    '{"a":1}x',
    '\u{feff}{}',
    '{"__proto__":{"role":"administrator"}}',
    '{"a":[{"__proto__":1}]}',
    String.raw`{"\u005f\u005fproto\u005f\u005f":1}`,
    String.raw`{"__\u0070roto__":1}`,
    `${'['.repeat(100_000)}${']'.repeat(100_000)}`,
    `${'{"a":'.repeat(65)}1${'}'.repeat(65)}`,
    `{"a":"${'\\'.repeat(3)}`,
  ])
    t.ok(refused(text), JSON.stringify(text.slice(0, 40)))
  t.ok(refused(Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])), 'not UTF-8')
  t.ok(refused('__proto__=1', parseForm))
  t.ok(refused(Array.from({ length: 1001 }, (_, index) => `a${index}=1`).join('&'), parseForm))
  for (const text of [
    '{"text":"about __proto__ and }}}]]] [[[["}',
    `{"a":"${'['.repeat(1000)}"}`,
    String.raw`{"a":"\u0061\\\"[[["}`,
    `${'['.repeat(64)}${']'.repeat(64)}`,
    '{"constructor":{"prototype":1},"toString":1,"hasOwnProperty":2}',
  ])
    t.notOk(refused(text), text.slice(0, 60))
  t.same(parseForm(Buffer.from('payload=%7B%22a%22%3A1%7D')), { body: { a: 1 } })
  t.same(parseForm(Buffer.from('a=1&a=2&constructor=x')), { body: { a: '1', constructor: 'x' } })
})

t.test('what is shown is short and printable', async (t) => {
  const facts = factsOf(
    {
      type: 'received',
      title: `\u001b[31m${'x'.repeat(1000)}\u202e`,
      actor: { name: ' ', username: 'mira\n', email: '[REDACTED]' },
      url: 'javascript:alert(1)',
      subject: '\u0000',
      project: '👩‍👩‍👧'.repeat(200),
      data: { gone: undefined, kept: null },
    },
    { a: 1 },
    40_000,
  )
  t.match(facts.title, /^\[31mx+…$/)
  t.same(facts.actor, { name: 'mira', username: 'mira' })
  t.notOk('url' in facts || 'subject' in facts)
  t.ok((facts.project?.length ?? 0) < 700 && (facts.project ?? '').isWellFormed())
  t.same(facts.data, { kept: null }, 'a huge body is not kept a second time')
  for (const url of [
    'ftp://a.example',
    'data:text/html,x',
    `https://a.example/${'x'.repeat(3000)}`,
    '/x',
    '',
  ])
    t.notOk('url' in factsOf({ type: 'x', title: 'x', url }, {}, 1), url.slice(0, 40))
})
