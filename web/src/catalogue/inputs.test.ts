import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { parse } from 'yaml'
import { RESERVED_NAMES } from '../../../server/config/config.ts'
import { inputProblem } from '../../../server/templates/inputs.ts'
import type { TemplateInput } from '../../../server/templates/template.ts'
import { envOf, freeName, hostFor, isReady, wrongName, wrongSubdomain, wrongWith } from './inputs.ts'

const label = { en: '', fr: '' }
const inputs: TemplateInput[] = [
  { id: 'S', type: 'string', label },
  { id: 'P', type: 'string', label, pattern: '^[a-z]+$' },
  { id: 'T', type: 'text', label },
  { id: 'E', type: 'email', label },
  { id: 'W', type: 'password', label },
  { id: 'B', type: 'boolean', label },
  { id: 'I', type: 'integer', label },
  { id: 'C', type: 'choice', label, choices: ['a', 'b'] },
  { id: 'U', type: 'url', label },
]
const values = [
  'abc',
  'ABC',
  'a\nb',
  'a\u0007',
  'a@b',
  'a@b c',
  'true',
  'True',
  '7',
  '-7',
  '7.5',
  'a',
  'z',
  'http://x',
  'ftp://x',
  'https://',
  ' ',
]

t.test('the page and the daemon agree on every value', (t) => {
  for (const input of inputs)
    for (const value of values)
      t.equal(
        wrongWith(input, value) === undefined,
        inputProblem(input, value) === undefined,
        `${input.type}: ${JSON.stringify(value)}`,
      )
  t.end()
})

t.test('every template of the catalogue can be summoned from its form as it opens', (t) => {
  const minions = join(import.meta.dirname, '../../../minions')
  const names = readdirSync(minions).filter((name) => existsSync(join(minions, name, 'minion.yml')))
  t.ok(names.length > 10)
  for (const name of names) {
    const { inputs: all = [] } = parse(readFileSync(join(minions, name, 'minion.yml'), 'utf8')) as {
      inputs?: TemplateInput[]
    }
    const asked = all.filter((input) => input.required && input.default === undefined && !input.generate)
    t.equal(isReady(all, {}), asked.length === 0, name)
  }
  t.end()
})

t.test('an empty value is wrong only where nothing else fills it', (t) => {
  t.equal(wrongWith({ id: 'A', type: 'string', label, required: true }, ''), 'required')
  t.equal(wrongWith({ id: 'A', type: 'string', label, required: true, default: 'x' }, ''), undefined)
  t.equal(
    wrongWith({ id: 'A', type: 'password', label, required: true, generate: { length: 20 } }, ''),
    undefined,
  )
  t.end()
})

t.test('only what differs from the defaults is written', (t) => {
  const some: TemplateInput[] = [
    { id: 'A', type: 'string', label, default: 'Wiki' },
    { id: 'B', type: 'email', label, default: '${LETSENCRYPT_EMAIL}' },
    { id: 'C', type: 'string', label },
  ]
  t.same(envOf(some, { A: 'Wiki', B: '', C: '' }), {})
  t.same(envOf(some, { A: 'Team', B: 'a@b', C: 'c', D: 'not of this template' }), {
    A: 'Team',
    B: 'a@b',
    C: 'c',
  })
  t.end()
})

t.test('names and addresses', (t) => {
  const taken = new Set(['blog', 'blog-2'])
  t.equal(freeName('blog', taken), 'blog-3')
  t.equal(freeName('wiki', taken), 'wiki')
  t.equal(wrongName('Blog', taken), 'name')
  t.equal(wrongName('blog', taken), 'taken')
  for (const name of RESERVED_NAMES) t.equal(wrongName(name, taken), 'reserved', name)
  t.equal(hostFor('@', 'example.org'), 'example.org')
  t.equal(hostFor('blog', 'example.org'), 'blog.example.org')
  t.equal(hostFor('blog.example.net', 'example.org'), 'blog.example.net')
  t.equal(wrongSubdomain('a_b'), 'subdomain')
  t.equal(wrongSubdomain('hooks'), 'reserved')
  t.equal(wrongSubdomain('@'), undefined)
  t.end()
})
