import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { openDatabase } from '../db/open-database.ts'
import { SummonerError } from '../errors.ts'
import { createJobs, type JobsDeps } from './create-jobs.ts'
import type { JobChange, JobKind, Jobs, Step } from './job.ts'

const folder = mkdtempSync(join(tmpdir(), 'summoner-jobs-'))
t.teardown(() => rmSync(folder, { recursive: true, force: true }))

let files = 0
function box(options: Partial<JobsDeps> & { file?: string } = {}) {
  const file = options.file ?? join(folder, `${++files}.db`)
  const errors: unknown[] = []
  const log = {
    info() {},
    warn() {},
    error: (data: unknown, text?: string) => void errors.push([data, text]),
  }
  const { db } = openDatabase({ file, log })
  let ids = 0
  const jobs = createJobs({
    db,
    log,
    redact: (text) => text.replaceAll('hunter2', '***'),
    newId: () => `job${db.name.length}${++ids}${Math.random().toString(36).slice(2)}`,
    ...options,
  })
  return { file, db, jobs, errors }
}

const nothing = async () => {}
const step = (name: string, run: Step['run'] = nothing, more: Partial<Step> = {}): Step => ({
  name,
  run,
  ...more,
})
const kind = (name: string, steps: JobKind<never>['steps'], more: Partial<JobKind> = {}): JobKind<never> => ({
  kind: name,
  afterCrash: 'requeue',
  steps,
  ...more,
})

/** A gate that steps wait at, and the order in which they came. */
function gates() {
  const open = new Map<string, PromiseWithResolvers<void>>()
  const came: string[] = []
  const gate = (name: string) => {
    if (!open.has(name)) open.set(name, Promise.withResolvers())
    return open.get(name) as PromiseWithResolvers<void>
  }
  return {
    came,
    wait: (name: string) => {
      came.push(name)
      return gate(name).promise
    },
    open: (name: string) => gate(name).resolve(),
  }
}

async function until(condition: () => boolean) {
  while (!condition()) await turn()
}

const states = (jobs: Jobs, id: string) =>
  jobs.get(id).steps.map((record) => `${record.name} ${record.state}`)

t.test('a job runs its steps in order, says so, and is kept', async (t) => {
  const { jobs, file, db } = box()
  const changes: JobChange[] = []
  jobs.subscribe((change) => changes.push(change))
  jobs.register<{ name: string }>({
    kind: 'greet',
    afterCrash: 'requeue',
    result: ({ name }) => ({ greeted: name }),
    steps: ({ name }) => [
      step('think', async (context) => {
        context.log(`Who is ${name}? The password is hunter2.`)
        context.progress(1, 2, 'thoughts', 'half hunter2')
      }),
      step('speak', async (context) => context.log('two\nlines')),
    ],
  })
  const early = jobs.submit({ kind: 'greet', minion: 'cloud', input: { name: 'Ada' }, actor: 'local' })
  t.equal(early.state, 'queued')
  await turn()
  t.equal(jobs.get(early.id).state, 'queued', 'nothing runs before start')
  await jobs.start(nothing)
  const job = await jobs.ended(early.id)
  t.match(job, { state: 'succeeded', actor: 'local', minion: 'cloud', result: { greeted: 'Ada' } })
  t.same(states(jobs, job.id), ['think succeeded', 'speak succeeded'])
  t.match(job.steps[0], { message: 'half ***', progress: { done: 1, total: 2, unit: 'thoughts' } })
  t.same(
    jobs.logs(job.id).map(({ seq, line }) => [seq, line]),
    [
      [1, 'Who is Ada? The password is ***.'],
      [2, 'two'],
      [3, 'lines'],
    ],
  )
  t.same(
    jobs.logs(job.id, 2).map(({ line }) => line),
    ['lines'],
  )
  t.equal(changes.findLast((change) => change.type === 'job')?.job.state, 'succeeded')
  t.ok(
    changes.findLastIndex((change) => change.type === 'log') <
      changes.findIndex((change) => change.type === 'job' && change.job.endedAt !== undefined),
    'lines come before the end',
  )
  t.equal(jobs.active('cloud'), undefined)
  t.equal(jobs.last('cloud')?.id, job.id)
  t.notOk('input' in job || 'touched' in job)
  await jobs.stop(0)
  db.close()
  const again = box({ file })
  t.same(again.jobs.get(job.id), job)
  t.equal(again.jobs.last('cloud')?.id, job.id)
  t.same(await again.jobs.ended(job.id), job)
})

t.test('one at a time per minion, several minions at once, the box beside them', async (t) => {
  const { jobs } = box({ concurrency: 2 })
  const gate = gates()
  jobs.register<string>({
    kind: 'work',
    afterCrash: 'requeue',
    steps: (name) => [step('go', () => gate.wait(name))],
  })
  const submit = (name: string, minion?: string) =>
    jobs.submit({ kind: 'work', input: name, actor: 'x', ...(minion ? { minion } : {}) })
  const a1 = submit('a1', 'a')
  const a2 = submit('a2', 'a')
  const b1 = submit('b1', 'b')
  const c1 = submit('c1', 'c')
  const box1 = submit('box1')
  const box2 = submit('box2')
  await jobs.start(nothing)
  await until(() => gate.came.length === 3)
  for (let turns = 0; turns < 20; turns++) await turn()
  t.same(gate.came, ['a1', 'b1', 'box1'])
  t.equal(jobs.active('a')?.id, a1.id)
  t.equal(jobs.active('c')?.id, c1.id)
  gate.open('a1')
  await jobs.ended(a1.id)
  await until(() => gate.came.length === 4)
  t.same(gate.came.slice(3), ['a2'], 'the oldest waiting one comes next')
  gate.open('box1')
  await until(() => gate.came.includes('box2'))
  for (const name of ['b1', 'a2', 'c1', 'box2']) gate.open(name)
  for (const { id } of [a2, b1, c1, box2]) t.equal((await jobs.ended(id)).state, 'succeeded')
  t.same(gate.came.slice().sort(), ['a1', 'a2', 'b1', 'box1', 'box2', 'c1'])
  t.equal((await jobs.ended(box1.id)).state, 'succeeded')
})

t.test('the same wish queued twice is one job, unless another came between', async (t) => {
  const { jobs } = box()
  for (const name of ['start', 'stop']) jobs.register(kind(name, () => [step('x')]))
  const submit = (kind: string, input: unknown = {}, minion = 'cloud') =>
    jobs.submit({ kind, minion, input, actor: 'x' }).id
  const first = submit('start', { a: 1, b: 2 })
  t.equal(submit('start', { b: 2, a: 1 }), first)
  t.not(submit('start', { a: 1, b: 3 }), first)
  const one = submit('start')
  const two = submit('stop')
  const three = submit('start')
  t.equal(new Set([one, two, three]).size, 3, 'start, stop, start are three wishes')
  t.not(submit('start', {}, 'chat'), three)
  await jobs.start(nothing)
  await jobs.ended(three)
  t.not(submit('start'), three, 'an ended job is no answer')
})

t.test('a failure undoes what ran, backwards, the failed step too', async (t) => {
  const { jobs, errors } = box()
  const told: string[] = []
  const undoable = (name: string, run: Step['run'] = nothing) =>
    step(name, run, { undo: async () => void told.push(`undo ${name}`) })
  jobs.register(
    kind('fail', () => [
      undoable('one'),
      step('two'),
      undoable('three', async () => {
        throw new SummonerError('disk.full', 'No space for hunter2.', { hint: 'hunter2', at: { path: 'x' } })
      }),
      undoable('four'),
    ]),
  )
  await jobs.start(nothing)
  const job = await jobs.ended(jobs.submit({ kind: 'fail', minion: 'm', input: 1, actor: 'x' }).id)
  t.same(told, ['undo three', 'undo one'])
  t.equal(job.state, 'failed')
  t.match(job.problem, {
    code: 'disk.full',
    status: 507,
    detail: 'No space for ***.',
    hint: '***',
    path: 'x',
  })
  t.same(states(jobs, job.id), ['one undone', 'two succeeded', 'three undone', 'four skipped'])
  t.same(errors, [])
})

t.test('what nobody expected stays in the daemon log', async (t) => {
  const { jobs, errors } = box()
  jobs.register(kind('bug', () => [step('x', () => Promise.reject(new TypeError('cannot read secret 42')))]))
  jobs.register(kind('unmade', () => Promise.reject(new TypeError('secret 43'))))
  jobs.register({
    kind: 'bad-result',
    afterCrash: 'requeue',
    steps: () => [],
    result: () => JSON.parse('{') as never,
  })
  await jobs.start(nothing)
  for (const name of ['bug', 'unmade', 'bad-result']) {
    const job = await jobs.ended(jobs.submit({ kind: name, input: 1, actor: 'x' }).id)
    t.match(job, { state: 'failed', problem: { code: 'internal', detail: 'An unexpected error occurred.' } })
    t.notMatch(JSON.stringify([job, jobs.logs(job.id)]), /secret/)
  }
  t.equal(errors.length, 3)
  t.match((errors[0] as [{ err: Error }])[0].err, { message: /secret 42/ })
  t.throws(() => jobs.submit({ kind: 'nobody', input: 1, actor: 'x' }), /No job kind nobody/)
})

t.test('an undo that fails does not stop the others', async (t) => {
  const { jobs } = box()
  const told: string[] = []
  jobs.register(
    kind('sticky', () => [
      step('one', nothing, { undo: async () => void told.push('one') }),
      step('two', nothing, {
        undo: () => Promise.reject(new SummonerError('engine.unreachable', 'It is gone.')),
      }),
      step('three', () => Promise.reject(new SummonerError('exec.failed', 'exit 1'))),
    ]),
  )
  await jobs.start(nothing)
  const job = await jobs.ended(jobs.submit({ kind: 'sticky', input: 1, actor: 'x' }).id)
  t.same(told, ['one'])
  t.equal(job.problem?.code, 'exec.failed', 'the first failure is the reason')
  t.same(states(jobs, job.id), ['one undone', 'two failed', 'three failed'])
  t.match(jobs.logs(job.id).at(-1)?.line, /Undoing "two" failed: It is gone\./)
})

t.test('cancel', async (t) => {
  t.test('a queued job never runs', async (t) => {
    const { jobs } = box()
    let ran = false
    jobs.register(kind('x', () => [step('x', async () => void (ran = true))]))
    const { id } = jobs.submit({ kind: 'x', input: 1, actor: 'x' })
    t.match(jobs.cancel(id), { state: 'cancelled', problem: { code: 'job.cancelled' } })
    await jobs.start(nothing)
    t.equal((await jobs.ended(id)).state, 'cancelled')
    t.notOk(ran)
    t.throws(() => jobs.cancel(id), { code: 'job.finished', message: /ended as cancelled/ })
    t.throws(() => jobs.cancel('nobody'), { code: 'job.unknown' })
  })

  t.test('a running step hears it, and what ran is undone', async (t) => {
    const { jobs, errors } = box()
    const undone: string[] = []
    let last = false
    jobs.register(
      kind('slow', () => [
        step('one', nothing, { undo: async (context) => void undone.push(`one ${context.signal.aborted}`) }),
        step(
          'two',
          ({ signal }) =>
            new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
        ),
        step('three', async () => void (last = true)),
      ]),
    )
    await jobs.start(nothing)
    const { id } = jobs.submit({ kind: 'slow', input: 1, actor: 'x' })
    await until(() => jobs.get(id).steps[1]?.state === 'running')
    t.match(jobs.cancel(id), { state: 'running', problem: { code: 'job.cancelled' } })
    t.equal(jobs.cancel(id).id, id, 'twice is no error')
    const job = await jobs.ended(id)
    t.equal(job.state, 'cancelled')
    t.same(undone, ['one false'], 'an undo is not cut')
    t.notOk(last)
    t.same(states(jobs, id), ['one undone', 'two failed', 'three skipped'])
    t.same(errors, [], 'the echo of a cancel is no internal error')
  })

  t.test('an uncancellable step ends by itself; undo still follows', async (t) => {
    const { jobs } = box()
    const gate = gates()
    let sawAbort = false
    let undone = false
    jobs.register(
      kind('firm', () => [
        step(
          'firm',
          async ({ signal }) => {
            await gate.wait('firm')
            sawAbort = signal.aborted
          },
          { uncancellable: true, undo: async () => void (undone = true) },
        ),
      ]),
    )
    await jobs.start(nothing)
    const { id } = jobs.submit({ kind: 'firm', input: 1, actor: 'x' })
    await until(() => gate.came.length === 1)
    jobs.cancel(id)
    gate.open('firm')
    t.equal((await jobs.ended(id)).state, 'cancelled')
    t.notOk(sawAbort)
    t.ok(undone)
  })
})

t.test('the journal is on the disk before the act, and goes when settled', async (t) => {
  const { jobs, db } = box()
  const rows = () => db.prepare('SELECT key, kind, minion, data FROM journal ORDER BY seq').all()
  const seen: unknown[] = []
  jobs.register(
    kind('j', () => [
      step('x', async (context) => {
        context.journal({ key: 'start:a', kind: 'start', minion: 'a', data: { containers: ['1'] } })
        seen.push(rows())
        context.journal({ key: 'start:a', kind: 'start', minion: 'a', data: { containers: ['1', '2'] } })
        context.journal({ key: 'b', kind: 'other' })
        seen.push(rows())
        context.settle('start:a')
      }),
    ]),
  )
  await jobs.start(nothing)
  await jobs.ended(jobs.submit({ kind: 'j', input: 1, actor: 'x' }).id)
  const first = { key: 'start:a', kind: 'start', minion: 'a', data: '{"containers":["1"]}' }
  const other = { key: 'b', kind: 'other', minion: null, data: null }
  t.same(seen, [[first], [{ ...first, data: '{"containers":["1","2"]}' }, other]])
  t.same(rows(), [other])
})

t.test('progress is written a few times a second, not a thousand', async (t) => {
  const { jobs } = box()
  let snapshots = 0
  jobs.subscribe((change) => {
    if (change.type === 'job') snapshots++
  })
  jobs.register(
    kind('busy', () => [
      step('x', async (context) => {
        for (let done = 1; done <= 5000; done++) context.progress(done, 5000, 'bytes')
      }),
    ]),
  )
  await jobs.start(nothing)
  const job = await jobs.ended(jobs.submit({ kind: 'busy', input: 1, actor: 'x' }).id)
  t.equal(job.steps[0]?.progress?.done, 5000, 'the last word is kept')
  t.ok(snapshots <= 6, `${snapshots} snapshots`)
})

t.test('of a long log the newest 10,000 lines stay', async (t) => {
  const { jobs } = box()
  jobs.register(
    kind('chatty', () => [
      step('x', async (context) => {
        for (let line = 1; line <= 10_500; line++) context.log(`line ${line}`)
      }),
    ]),
  )
  await jobs.start(nothing)
  const { id } = await jobs.ended(jobs.submit({ kind: 'chatty', input: 1, actor: 'x' }).id)
  const lines = jobs.logs(id)
  t.equal(lines.length, 10_000)
  t.match(lines[0], { seq: 501, line: 'line 501' })
  t.equal(lines.at(-1)?.line, 'line 10500')
  t.same(
    jobs.logs(id, 10_490, 3).map(({ seq }) => seq),
    [10_491, 10_492, 10_493],
  )
})

t.test('old jobs go, but not the newest of a minion nor what the journal needs', async (t) => {
  const { jobs, db } = box({ keep: 5 })
  jobs.register(
    kind('x', (journal: boolean) => [
      step('x', async (context) => {
        context.log('line')
        if (journal) context.journal({ key: 'k', kind: 'k' })
      }),
    ]),
  )
  await jobs.start(nothing)
  const run = async (input: boolean, minion?: string) =>
    (await jobs.ended(jobs.submit({ kind: 'x', input, actor: 'x', ...(minion ? { minion } : {}) }).id)).id
  const quiet = await run(false, 'quiet')
  const journalled = await run(true)
  const old = await run(false)
  for (let count = 0; count < 5; count++) await run(false)
  t.ok(jobs.get(quiet))
  t.ok(jobs.get(journalled))
  t.throws(() => jobs.get(old), { code: 'job.unknown' })
  t.equal(db.prepare('SELECT count(*) FROM job_log WHERE job = ?').pluck().get(old), 0)
  t.equal(jobs.list({ limit: 100 }).length, 7)
  t.same(
    jobs.list({ minion: 'quiet' }).map(({ id }) => id),
    [quiet],
  )
  t.equal(jobs.list({ state: 'failed' }).length, 0)
})

t.test('an orderly stop leaves unfinished jobs for the next start, uncounted', async (t) => {
  const first = box()
  const gate = gates()
  let acts = 0
  const work = (inside: boolean) =>
    kind('work', () => [
      step('wait', async (context) => {
        if (!inside) return
        await gate.wait('wait')
        t.throws(() => context.journal({ key: 'late', kind: 'x' }), { code: 'job.interrupted' })
        context.log('late')
        context.progress(1, 1, 'late')
      }),
      step('act', async () => void acts++),
    ])
  first.jobs.register(work(true))
  await first.jobs.start(nothing)
  const { id } = first.jobs.submit({ kind: 'work', minion: 'm', input: 1, actor: 'x' })
  const queued = first.jobs.submit({ kind: 'work', minion: 'm', input: 2, actor: 'x' })
  await until(() => gate.came.length === 1)
  await first.jobs.stop(0)
  first.db.close()
  gate.open('wait')
  for (let turns = 0; turns < 20; turns++) await turn()
  t.equal(acts, 0, 'no further step runs behind a stop')
  t.same(first.errors, [])

  const second = box({ file: first.file })
  t.equal(second.jobs.get(id).state, 'running')
  second.jobs.register(work(false))
  await second.jobs.start(nothing)
  t.equal((await second.jobs.ended(id)).state, 'succeeded')
  t.equal((await second.jobs.ended(queued.id)).state, 'succeeded')
  t.equal(second.db.prepare('SELECT requeues FROM jobs WHERE id = ?').pluck().get(id), 0)
  t.equal(acts, 2)
})

t.test('stop waits for what ends in time', async (t) => {
  const { jobs } = box()
  const gate = gates()
  jobs.register(kind('x', () => [step('x', () => gate.wait('x'))]))
  await jobs.start(nothing)
  const { id } = jobs.submit({ kind: 'x', input: 1, actor: 'x' })
  await until(() => gate.came.length === 1)
  const stopped = jobs.stop(60_000)
  gate.open('x')
  await stopped
  t.equal(jobs.get(id).state, 'succeeded')
})

/** The database as a killed daemon leaves it: a copy taken while the job runs. */
async function crash(t: Test, running: JobKind<never>, when: (jobs: Jobs, id: string) => boolean, edit = '') {
  const first = box()
  first.jobs.register(running)
  await first.jobs.start(nothing)
  const { id } = first.jobs.submit({ kind: running.kind, minion: 'm', input: 1, actor: 'x' })
  await until(() => when(first.jobs, id))
  const file = join(folder, `crash-${++files}.db`)
  first.db.prepare('VACUUM INTO ?').run(file)
  t.teardown(() => first.jobs.stop(0))
  const second = box({ file })
  if (edit) second.db.exec(edit)
  return { ...second, id }
}

t.test('after a crash', async (t) => {
  const hang = () => new Promise<void>(() => {})
  const inTwo = (jobs: Jobs, id: string) => jobs.get(id).steps[1]?.state === 'running'
  const journalled = kind('work', () => [
    step('one', async (context) => {
      context.journal({ key: 'settled', kind: 'a' })
      context.settle('settled')
      context.journal({ key: 'first', kind: 'a', minion: 'm', data: { n: 1 } })
      context.journal({ key: 'second', kind: 'b' })
    }),
    step('two', hang),
  ])

  t.test('unsettled entries are replayed once, newest first, before anything runs', async (t) => {
    const { jobs, db, id } = await crash(t, journalled, inTwo)
    const told: unknown[] = []
    jobs.register(kind('work', () => [step('one', async () => void told.push('ran'))]))
    await jobs.start(async ({ jobId, ...entry }) => {
      t.equal(jobId, id)
      await turn()
      told.push(entry)
    })
    t.equal((await jobs.ended(id)).state, 'succeeded')
    t.same(told, [
      { key: 'second', kind: 'b' },
      { key: 'first', kind: 'a', minion: 'm', data: { n: 1 } },
      'ran',
    ])
    t.equal(db.prepare('SELECT count(*) FROM journal').pluck().get(), 0)
    t.match(jobs.logs(id)[0]?.line, /it begins again/)
  })

  t.test('a replay that fails keeps its entry and holds nothing up', async (t) => {
    const { jobs, db, id, errors } = await crash(t, journalled, inTwo)
    jobs.register(kind('work', () => [step('one')]))
    await jobs.start(({ key }) =>
      key === 'second' ? Promise.reject(new Error('engine is down')) : Promise.resolve(),
    )
    t.equal((await jobs.ended(id)).state, 'succeeded')
    t.same(db.prepare('SELECT key FROM journal').pluck().all(), ['second'])
    t.equal(errors.length, 1)
  })

  t.test('a job that must not run again is interrupted', async (t) => {
    const { jobs, id } = await crash(t, journalled, inTwo)
    jobs.register(kind('work', () => t.fail('must not run') as never, { afterCrash: 'interrupt' }))
    await jobs.start(nothing)
    t.match(await jobs.ended(id), { state: 'interrupted', problem: { code: 'job.interrupted' } })
    t.equal(jobs.last('m')?.state, 'interrupted')
  })

  t.test('a kind that this version does not know is interrupted', async (t) => {
    const { jobs, id } = await crash(t, journalled, inTwo)
    await jobs.start(nothing)
    t.equal((await jobs.ended(id)).state, 'interrupted')
  })

  t.test('steps that ran before the crash are undone when the second run fails early', async (t) => {
    const undone: string[] = []
    const make = (fails: boolean) =>
      kind('work', () => [
        step('one', async () => {
          if (fails) throw new SummonerError('image.unavailable', 'gone')
        }),
        step('two', fails ? nothing : hang, { undo: async () => void undone.push('two') }),
      ])
    const { jobs, id } = await crash(t, make(false), inTwo)
    jobs.register(make(true))
    await jobs.start(nothing)
    t.equal((await jobs.ended(id)).problem?.code, 'image.unavailable')
    t.same(undone, ['two'])
  })

  t.test('a job that was being undone goes on being undone', async (t) => {
    const undone: string[] = []
    const make = (stuck: boolean) =>
      kind('work', () => [
        step('one', nothing, { undo: async () => void undone.push('one') }),
        step('two', nothing, { undo: stuck ? hang : async () => void undone.push('two') }),
        step('three', () => Promise.reject(new SummonerError('disk.full', 'full')), {
          undo: async () => void undone.push('three'),
        }),
      ])
    const { jobs, id } = await crash(t, make(true), () => undone.includes('three'))
    undone.length = 0
    jobs.register(make(false))
    await jobs.start(nothing)
    t.match(await jobs.ended(id), { state: 'failed', problem: { code: 'disk.full' } })
    t.same(undone, ['two', 'one'], 'what is undone already stays so')
  })

  t.test('a cancel that was accepted is kept', async (t) => {
    let undone = false
    const make = kind('work', () => [
      step('one', nothing, { undo: async () => void (undone = true) }),
      step('two', hang, { uncancellable: true }),
    ])
    const { jobs, id } = await crash(
      t,
      make,
      (jobs, id) => inTwo(jobs, id) && jobs.cancel(id).state === 'running',
    )
    jobs.register(make)
    await jobs.start(nothing)
    t.equal((await jobs.ended(id)).state, 'cancelled')
    t.ok(undone)
  })

  t.test('a requeued job that is cancelled before it runs again is undone', async (t) => {
    let undone = false
    const make = kind('work', () => [
      step('one', nothing, { undo: async () => void (undone = true) }),
      step('two', hang),
    ])
    const { jobs, id } = await crash(t, make, inTwo)
    jobs.register(make)
    const started = jobs.start(nothing)
    jobs.subscribe((change) => {
      if (change.type === 'job' && change.job.state === 'queued' && !change.job.problem) jobs.cancel(id)
    })
    await started
    t.equal((await jobs.ended(id)).state, 'cancelled')
    t.ok(undone)
  })

  t.test('a job that takes the daemon down each time is undone and fails, then left alone', async (t) => {
    let undone = 0
    const make = kind('work', () => [
      step('one', nothing, { undo: async () => void undone++ }),
      step('two', hang),
    ])
    const fourth = await crash(t, make, inTwo, 'UPDATE jobs SET requeues = 3')
    fourth.jobs.register(make)
    await fourth.jobs.start(nothing)
    t.match(await fourth.jobs.ended(fourth.id), {
      state: 'failed',
      problem: { code: 'job.crashed', detail: /4 times/ },
    })
    t.equal(undone, 1)
    const seventh = await crash(t, make, inTwo, 'UPDATE jobs SET requeues = 6')
    seventh.jobs.register(make)
    await seventh.jobs.start(nothing)
    t.equal((await seventh.jobs.ended(seventh.id)).state, 'failed')
    t.equal(undone, 1)
  })

  t.test('rows that make no sense do not stop the start', async (t) => {
    const { jobs, id } = await crash(
      t,
      journalled,
      inTwo,
      "UPDATE jobs SET input = '{', steps = 'x', touched = '', problem = NULL; UPDATE journal SET data = '{'",
    )
    jobs.register(kind('work', () => [step('one')]))
    await jobs.start(nothing)
    t.match(await jobs.ended(id), { state: 'failed', problem: { code: 'internal' } })
  })
})

t.test('a full disk does not lose the end of a job', async (t) => {
  const { jobs, db, errors } = box()
  const gate = gates()
  jobs.register(
    kind('x', () => [
      step('x', async (context) => {
        await gate.wait('x')
        context.log('lost')
      }),
    ]),
  )
  await jobs.start(nothing)
  const { id } = jobs.submit({ kind: 'x', minion: 'm', input: 1, actor: 'x' })
  await until(() => gate.came.length === 1)
  db.exec('PRAGMA query_only = ON')
  gate.open('x')
  t.equal((await jobs.ended(id)).state, 'succeeded')
  t.equal(jobs.get(id).state, 'succeeded')
  t.equal(jobs.active('m'), undefined)
  t.ok(errors.length > 0)
  t.throws(() => jobs.submit({ kind: 'x', minion: 'm', input: 2, actor: 'x' }))
  db.exec('PRAGMA query_only = OFF')
  const row = () => db.prepare('SELECT state FROM jobs WHERE id = ?').pluck().get(id)
  t.equal(row(), 'running')
  await new Promise<void>((resolve) => {
    const off = jobs.subscribe(() => {
      if (row() !== 'succeeded') return
      off()
      resolve()
    })
  })
  t.equal(row(), 'succeeded', 'it is written when there is room again')
})

t.test('a listener that throws harms nobody', async (t) => {
  const { jobs, errors } = box()
  const off = jobs.subscribe(() => {
    throw new Error('mine')
  })
  jobs.register(kind('x', () => []))
  await jobs.start(nothing)
  t.equal((await jobs.ended(jobs.submit({ kind: 'x', input: 1, actor: 'x' }).id)).state, 'succeeded')
  t.ok(errors.length > 0)
  off()
  await t.rejects(jobs.ended('nobody'), { code: 'job.unknown' })
})
