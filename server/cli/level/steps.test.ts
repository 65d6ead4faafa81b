import t from 'tap'
import type { LevelStep } from '../../templates/level.ts'
import { runSteps, type Person, type Reply } from './steps.ts'

function worldOf(answers: Partial<Reply>[]) {
  const sent: { who: string; method: string; path: string; headers: object; body: string | undefined }[] = []
  const person = (who: string): Person => ({
    async send(method, path, headers, body) {
      sent.push({ who, method, path, headers, body })
      return { status: 200, headers: {}, body: '', ...answers.shift() }
    },
  })
  const variables = { USER: 'ada', PASSWORD: 'p4ss', WORDS: 'été' }
  return { sent, world: { person: person('me'), stranger: () => person('stranger'), variables } }
}

t.test('requests are filled in; what was kept goes into later ones', async (t) => {
  const { sent, world } = worldOf([
    { headers: { 'x-token': 'abc' }, body: '<input name="csrf" value="a&amp;b">' },
    { status: 201 },
    { body: '["été"]' },
  ])
  const steps: LevelStep[] = [
    {
      path: '/login',
      status: [200],
      keep: { CSRF: 'name="csrf" value="([^"]+)"', TOKEN: '^x-token: (\\w+)$' },
    },
    {
      method: 'POST',
      path: '/notes',
      json: { note: ['${WORDS}'], n: 1 },
      headers: { 'X-Auth': '${TOKEN}' },
      status: [201],
    },
    {
      method: 'POST',
      path: '/notes?csrf=${CSRF}',
      as: 'account',
      form: { q: '${WORDS}' },
      status: [200],
      contains: '${WORDS}',
      lacks: 'error',
    },
  ]
  t.equal(await runSteps(steps, world), undefined)
  t.match(sent, [
    { who: 'me', method: 'GET', path: '/login', body: undefined },
    { body: '{"note":["été"],"n":1}', headers: { 'x-auth': 'abc', 'content-type': 'application/json' } },
    { path: '/notes?csrf=a&b', body: 'q=%C3%A9t%C3%A9', headers: { authorization: 'Basic YWRhOnA0c3M=' } },
  ])
})

t.test('another password and nobody come without cookies', async (t) => {
  const { sent, world } = worldOf([{ status: 401 }, { status: 302 }])
  const steps: LevelStep[] = [
    { method: 'POST', path: '/login', as: 'wrong', form: { p: '${PASSWORD}' }, status: [401] },
    { path: '/private', as: 'nobody', status: [302] },
  ]
  t.equal(await runSteps(steps, world), undefined)
  t.match(sent, [{ who: 'stranger', body: 'p=wrong-Word-1' }, { who: 'stranger' }])
})

t.test('the first step that is not as expected is named, with what was answered', async (t) => {
  const step: LevelStep = { path: '/a', status: [200], contains: 'yes', lacks: 'no' }
  const rows: [Partial<Reply>, Partial<LevelStep>, RegExp][] = [
    [{ status: 500, body: 'oh  dear' }, {}, /step 1, GET \/a: it answered 500 instead of 200: oh dear/],
    [{ body: 'maybe' }, {}, /lacks "yes": maybe/],
    [{ body: 'yes and no' }, {}, /should not contain "no"/],
    [{ body: 'yes' }, { keep: { X: 'z+' } }, /nothing in the answer matches z\+/],
  ]
  for (const [reply, change, why] of rows)
    t.match(await runSteps([{ ...step, ...change }], worldOf([reply]).world), why)
})
