import t, { type Test } from 'tap'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { JournalEntry, StepContext } from '../jobs/job.ts'
import { writeApplied, type Applied } from '../minions/applied.ts'
import { createHalt } from './halt.ts'

/** A minion with an application, a database that runs, and a helper that does not. */
function setUp(t: Test, { failStart = false, quiesce = false } = {}) {
  const dir = t.testdir()
  const records = join(dir, 'records')
  mkdirSync(records)
  writeApplied(records, 'cloud', { project: 'p-cloud', application: { template: 'nc' } } as Applied)
  const said: string[] = []
  const journal = new Map<string, JournalEntry>()
  // the engine tells of a change only after a while
  const state = { real: 'running', seen: 'running' }
  const command = (word: string) => ({ service: 'app', argv: [word] })
  const halt = createHalt({
    dirs: { records, minions: join(dir, 'minions') },
    exec: async (argv: readonly string[]) => {
      const words = argv.slice(argv.indexOf('plain') + 1).filter((word) => !word.startsWith('-'))
      said.push(words.join(' '))
      if (words[0] === 'stop') state.real = 'exited'
      if (words[0] === 'start') state.real = 'running'
      if (failStart && words[0] === 'start') throw new Error('no such container')
      return { code: 0, stdout: '', stderr: '' }
    },
    engine: {
      execIn: async (_id: string, argv: readonly string[]) => {
        said.push(`in app: ${argv.join(' ')}`)
        return { code: 0, stdout: '', stderr: '' }
      },
    },
    projection: {
      ours: () => [
        { id: '1', service: 'app', state: state.seen },
        { id: '2', service: 'db', state: state.seen },
        { id: '3', service: 'helper', state: 'exited' },
      ],
    },
    refreshMinion: async () => void (state.seen = state.real),
    readKept: () => ({}),
    catalog: {
      list: () => [
        {
          name: 'nc',
          description: {
            backup: quiesce
              ? { consistency: 'hot', before: [command('on')], after: [command('off')] }
              : undefined,
          },
        },
      ],
    },
  } as unknown as Parameters<typeof createHalt>[0])
  const context = {
    jobId: 'j',
    signal: new AbortController().signal,
    log: () => {},
    progress: () => {},
    journal: (entry: JournalEntry) => {
      said.push('journal')
      journal.set(entry.key, entry)
    },
    settle: (key: string) => void journal.delete(key),
  } satisfies StepContext
  return { halt, said, journal, context }
}

t.test('journalled, stopped, copied, and only what ran is started', async (t) => {
  const { halt, said, journal, context } = setUp(t)
  const { result, downtimeMs } = await halt.during({ minion: 'cloud', stop: true }, context, async () => {
    said.push('copy')
    return 7
  })
  t.equal(result, 7)
  t.ok(downtimeMs >= 0)
  t.same(said, ['journal', 'stop 60', 'copy', 'start app db'])
  t.equal(journal.size, 0)
})

t.test('a copy that fails starts it all the same', async (t) => {
  const { halt, said, journal, context } = setUp(t)
  await t.rejects(
    halt.during({ minion: 'cloud', stop: true }, context, () => Promise.reject(new Error('disk full'))),
    { message: 'disk full' },
  )
  t.same(said, ['journal', 'stop 60', 'start app db'])
  t.equal(journal.size, 1, 'a second look at the next start does no harm')
})

t.test('where starting fails it is made again from its files', async (t) => {
  const { halt, said, context } = setUp(t, { failStart: true })
  await halt.during({ minion: 'cloud', stop: true }, context, async () => {})
  t.match(said.at(-1), /^up never app db$/)
})

t.test('commands quiet it and take that back, stopped or not', async (t) => {
  const { halt, said, context } = setUp(t, { quiesce: true })
  await halt.during({ minion: 'cloud', stop: false }, context, async () => {
    said.push('copy')
  })
  t.same(said, ['journal', 'in app: on', 'copy', 'in app: off'])
  said.length = 0
  await halt.during({ minion: 'cloud', stop: true }, context, async () => {
    said.push('copy')
  })
  t.same(said, ['journal', 'in app: on', 'stop 60', 'copy', 'start app db', 'in app: off'])
})

t.test('after a crash the journal starts it, and takes the quiet back', async (t) => {
  const { halt, said, journal, context } = setUp(t, { quiesce: true })
  void halt.during({ minion: 'cloud', stop: true }, context, () => new Promise(() => {}))
  await new Promise((resolve) => setImmediate(resolve))
  const entry = [...journal.values()][0]!
  const next = setUp(t, { quiesce: true })
  t.equal(await next.halt.replay(JSON.parse(JSON.stringify(entry)) as JournalEntry), true)
  t.same(next.said, ['start app db', 'in app: off'])
  t.equal(await next.halt.replay({ key: 'start:x', kind: 'start', minion: 'x' }), false)
  t.ok(said.includes('journal'))
})

t.test('a daemon that is told to stop waits until it runs again', async (t) => {
  const { halt, said, context } = setUp(t)
  const copying = halt.during(
    { minion: 'cloud', stop: true },
    context,
    () =>
      new Promise((_resolve, reject) =>
        halt.closing.addEventListener('abort', () => reject(new Error('ended'))),
      ),
  )
  copying.catch(() => {})
  await new Promise((resolve) => setImmediate(resolve))
  await halt.close()
  t.equal(said.at(-1), 'start app db')
  await t.rejects(copying, { message: 'ended' })
})

t.test('what it has stopped is not quieted again', async (t) => {
  const { halt, said, context } = setUp(t, { quiesce: true })
  const rest = await halt.stop('cloud', context)
  t.same(rest.services, ['app', 'db'])
  said.length = 0
  const { downtimeMs } = await halt.during({ minion: 'cloud', stop: true }, context, async () =>
    said.push('copy'),
  )
  t.equal(downtimeMs, 0)
  t.same(said, ['copy'])
})
