import t from 'tap'
import { readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createConfigFile } from './config-file.ts'
import { lastGoodVersion } from './last-good.ts'

t.test('a typo takes nothing away, before and after a restart', async (t) => {
  const dir = t.testdir({ 'config.yml': 'summoner:\n  domain: kit.test\n  applications: ghost\n' })
  const path = join(dir, 'config.yml')
  const errors: unknown[] = []
  const tick = () => new Promise((resolve) => setImmediate(resolve))
  const start = () =>
    lastGoodVersion({
      file: createConfigFile({
        path,
        home: '/root',
        previousDir: join(dir, 'old'),
        clock: () => new Date(0),
      }),
      keptAt: join(dir, 'last-good.yml'),
      onError: (error) => errors.push(error),
    })
  writeFileSync(join(dir, 'last-good.yml.0-1.tmp'), 'half')
  const first = start()
  const good = first()
  t.equal(good.config.domain, 'kit.test')
  writeFileSync(path, 'summoner:\n  domian: kit.test\n')
  await tick()
  t.equal(first(), good)
  t.same(start()().config, good.config, 'another process')
  rmSync(path)
  t.same(start()().config, good.config, 'no file at all')
  writeFileSync(path, 'summoner:\n  domain: other.test\n')
  t.equal(start()().config.domain, 'other.test')
  t.match(readFileSync(join(dir, 'last-good.yml'), 'utf8'), 'other.test')
  t.same(
    readdirSync(dir).filter((name) => name.endsWith('.tmp')),
    [],
    'what a killed daemon left goes',
  )
  t.same(errors, [])
})

t.test(
  'never read: the error of the file itself; a folder that cannot be written: said, not fatal',
  async (t) => {
    const dir = t.testdir({ 'config.yml': 'summoner: 7\n' })
    const path = join(dir, 'config.yml')
    const errors: unknown[] = []
    const read = lastGoodVersion({
      file: createConfigFile({
        path,
        home: '/root',
        previousDir: join(dir, 'old'),
        clock: () => new Date(0),
      }),
      keptAt: join(dir, 'nowhere/last-good.yml'),
      onError: (error) => errors.push(error),
    })
    t.throws(read, { code: 'config.invalid' })
    writeFileSync(path, 'summoner:\n  domain: kit.test\n')
    t.equal(read().config.domain, 'kit.test')
    t.equal(errors.length, 1)
  },
)
