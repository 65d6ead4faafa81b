import t from 'tap'
import type { LevelResult } from '../../server/cli/level/level-result.ts'
import { createBox } from '../box.ts'

/**
 * Every template that is built from distribution packages, each tried out by `summoner template test`; RECORD=1 writes the
 * results into docs/catalogue.md, ONLY="matomo redmine" takes only these.
 */
const ALL = 'adminer dokuwiki ghost matomo mediawiki phpmyadmin redmine registry statik wordpress'.split(' ')
const only = process.env['ONLY']?.split(' ')
const names = ALL.filter((name) => only?.includes(name) ?? true)
const record = process.env['RECORD'] === undefined ? [] : ['--record']

const box = await createBox({ templates: [], catalogue: names })
t.teardown(() => box.remove())

t.test('the proxy', { timeout: 300_000 }, async (t) => {
  for (const job of await box.apply()) t.equal(job.state, 'succeeded', JSON.stringify(job.problem))
})

for (const template of names)
  t.test(template, { timeout: 1_200_000 }, async (t) => {
    const { stdout, stderr } = await box.cli([
      'template',
      'test',
      template,
      '--name',
      'tried',
      '--json',
      ...record,
    ])
    const result = JSON.parse(stdout) as LevelResult
    t.match(result, { level: 4, images: 'distribution build' }, `${result.why ?? ''} ${stderr}`)
    t.comment(`${template}: ${result.memory.seen} MiB`)
  })
