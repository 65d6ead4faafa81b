import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { createTemplate } from './create-template.ts'

t.test('writes the whole folder', async (t) => {
  const dir = join(t.testdir({}), 'minions')
  const binary = Buffer.from([0, 255, 1, 254])
  createTemplate(dir, {
    name: 'wiki',
    files: {
      'compose.yml': 'services: {}\n',
      'a/b/start.sh': '#!/bin/sh\n',
      'logo.png': `data:application/octet-stream;base64,${binary.toString('base64')}`,
    },
  })
  t.same(readdirSync(dir), ['wiki'])
  t.equal(readFileSync(join(dir, 'wiki/compose.yml'), 'utf8'), 'services: {}\n')
  t.same(readFileSync(join(dir, 'wiki/logo.png')), binary)
  t.equal(statSync(join(dir, 'wiki/a/b/start.sh')).mode & 0o777, 0o755)
  t.equal(statSync(join(dir, 'wiki/compose.yml')).mode & 0o777, 0o644)
  t.equal(statSync(join(dir, 'wiki')).mode & 0o777, 0o755)
})

t.test('never over another, and no rest of a failure', async (t) => {
  const dir = t.testdir({})
  mkdirSync(join(dir, 'wiki'))
  writeFileSync(join(dir, 'wiki/mine'), 'x')
  t.throws(() => createTemplate(dir, { name: 'wiki', files: { 'compose.yml': 'y' } }), {
    code: 'import.question',
  })
  t.same(readdirSync(dir), ['wiki'])
  t.same(readdirSync(join(dir, 'wiki')), ['mine'])
  t.throws(() => createTemplate(dir, { name: 'other', files: { a: 'x', 'a/b': 'y' } }))
  t.notOk(existsSync(join(dir, 'other')))
  t.same(readdirSync(dir), ['wiki'])
})
