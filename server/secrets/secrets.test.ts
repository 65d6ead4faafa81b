import {
  chmodSync,
  existsSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { createRedactor } from './redact.ts'
import { createSecrets } from './secrets.ts'

function store(t: Test) {
  const dir = join(t.testdir({}), 'secrets')
  const redactor = createRedactor()
  return { dir, redactor, secrets: createSecrets({ dir, redactor }) }
}

t.test('set, get, list, remove', async (t) => {
  const { secrets, dir } = store(t)
  t.same(secrets.list(), [])
  const set = secrets.set('smtp', 'hunter22')
  t.equal(set.name, 'smtp')
  t.equal(new Date(set.updatedAt).toISOString(), set.updatedAt)
  secrets.set('api', 'line one\nline two é\n')
  t.equal(secrets.get('smtp'), 'hunter22')
  t.equal(secrets.get('api'), 'line one\nline two é\n')
  t.same(
    secrets.list().map(({ name }) => name),
    ['api', 'smtp'],
  )
  t.notMatch(JSON.stringify(secrets.list()), /hunter22/)
  secrets.set('smtp', 'other-value')
  t.equal(secrets.get('smtp'), 'other-value')
  secrets.remove('smtp')
  t.throws(() => secrets.get('smtp'), { code: 'secret.unknown', status: 404 })
  t.throws(() => secrets.remove('smtp'), { code: 'secret.unknown' })
  t.same(readdirSync(dir), ['api'])
})

t.test('only root reads them', async (t) => {
  const { secrets, dir } = store(t)
  secrets.set('smtp', 'hunter22')
  t.equal(statSync(dir).mode & 0o777, 0o700)
  t.equal(statSync(join(dir, 'smtp')).mode & 0o777, 0o600)
  chmodSync(dir, 0o755)
  createSecrets({ dir, redactor: createRedactor() })
  t.equal(statSync(dir).mode & 0o777, 0o700, 'a loosened folder is closed again')
})

t.test('names', async (t) => {
  const { secrets, dir } = store(t)
  for (const name of [
    '',
    '.',
    '..',
    '../x',
    'a/b',
    'a\0b',
    'A',
    '1a',
    'a-',
    'a.b',
    `a${'b'.repeat(40)}`,
    '__proto__',
  ]) {
    t.throws(() => secrets.set(name, 'hunter22'), { code: 'input.invalid' }, `set ${JSON.stringify(name)}`)
    t.throws(() => secrets.get(name), { code: 'input.invalid' }, `get ${JSON.stringify(name)}`)
    t.throws(() => secrets.remove(name), { code: 'input.invalid' }, `remove ${JSON.stringify(name)}`)
  }
  t.same(readdirSync(dir), [])
  t.notOk(existsSync(join(dir, '../x')))
})

t.test('values', async (t) => {
  const { secrets } = store(t)
  for (const value of ['', 'a\0b', 'x'.repeat(65_537)]) {
    t.throws(() => secrets.set('smtp', value), { code: 'input.invalid' })
  }
  t.throws(() => secrets.get('smtp'), { code: 'secret.unknown' })
  secrets.set('smtp', 'x'.repeat(65_536))
  t.equal(secrets.get('smtp').length, 65_536)
})

t.test('the redactor knows every value, of earlier runs too', async (t) => {
  const { secrets, redactor, dir } = store(t)
  secrets.set('smtp', 'hunter22')
  t.equal(redactor.redact('with hunter22'), 'with •••')
  secrets.set('smtp', 'changed-value')
  t.equal(redactor.redact('hunter22 changed-value'), '••• •••', 'the replaced one may still be in use')
  const later = createRedactor()
  createSecrets({ dir, redactor: later })
  t.equal(later.redact('changed-value'), '•••')
})

t.test('what a crash left behind goes; what is not ours is not listed', async (t) => {
  const { secrets, dir } = store(t)
  secrets.set('smtp', 'hunter22')
  writeFileSync(join(dir, 'smtp.0b5a.tmp'), 'hunt')
  writeFileSync(join(dir, 'README.md'), '')
  const again = createSecrets({ dir, redactor: createRedactor() })
  t.same(
    again.list().map(({ name }) => name),
    ['smtp'],
  )
  t.same(readdirSync(dir).sort(), ['README.md', 'smtp'])
})

t.test('a link is not followed', async (t) => {
  const { secrets, dir } = store(t)
  const target = join(dir, '../target')
  writeFileSync(target, 'outside')
  symlinkSync(target, join(dir, 'link'))
  t.throws(() => secrets.get('link'), { code: 'ELOOP' })
  secrets.set('link', 'inside-value')
  t.equal(readFileSync(target, 'utf8'), 'outside')
})
