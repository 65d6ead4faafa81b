import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { pino } from 'pino'
import t, { type Test } from 'tap'
import { openDatabase } from '../db/open-database.ts'
import { SummonerError } from '../errors.ts'
import { createHttp } from '../http/create-http.ts'
import type { Role } from '../http/roles.ts'
import { createJobs } from './create-jobs.ts'
import { followJob, type JobNews } from './follow-job.ts'
import type { Job, StepContext } from './job.ts'
import { jobsRoutes } from './jobs.routes.ts'

const folder = mkdtempSync(join(tmpdir(), 'summoner-jobs-routes-'))
t.teardown(() => rmSync(folder, { recursive: true, force: true }))

let files = 0
async function build(t: Test) {
  const log = pino({ level: 'silent' })
  const { db } = openDatabase({ file: join(folder, `${++files}.db`), log })
  let ids = 0
  const jobs = createJobs({ db, log, redact: (text) => text, newId: () => `j${++ids}` })
  const runs: ((context: StepContext) => Promise<void>)[] = []
  jobs.register<{ run: number }>({
    kind: 'run',
    afterCrash: 'requeue',
    steps: ({ run }) => [{ name: 'go', run: async (context) => runs[run]?.(context) }],
  })
  const app = await createHttp({
    logger: log,
    authenticate: (role) => ({ name: role, role: role as Role }),
    version: '1',
  })
  await app.register(jobsRoutes({ jobs }), { prefix: '/api/v1' })
  t.teardown(async () => {
    await app.close()
    await jobs.stop(0)
  })
  await jobs.start(async () => {})
  const submit = (run: (context: StepContext) => Promise<void>, minion = 'cloud') =>
    jobs.submit({ kind: 'run', minion, input: { run: runs.push(run) - 1 }, actor: 'ada' })
  const call = async (url: string, role = 'viewer', method: 'GET' | 'POST' = 'GET', headers = {}) =>
    app.inject({ method, url: `/api/v1${url}`, headers: { authorization: `Bearer ${role}`, ...headers } })
  return { app, jobs, submit, call }
}

interface Sent {
  event: string
  id?: string
  data: { state?: string; line?: string; seq?: number }
}

function parse(body: string): Sent[] {
  return body
    .split('\n\n')
    .filter((block) => block.includes('event: '))
    .map((block) => {
      const fields = Object.fromEntries(block.split('\n').map((line) => line.split(/: (.*)/s).slice(0, 2)))
      return { ...fields, data: JSON.parse(String(fields['data'])) } as Sent
    })
}

t.test('list, get, log', async (t) => {
  const { jobs, submit, call } = await build(t)
  const one = submit(async ({ log }) => log('hello\nworld'))
  await jobs.ended(one.id)
  const two = submit(() => Promise.reject(new SummonerError('disk.full', 'No space.')), 'chat')
  await jobs.ended(two.id)
  t.match((await call('/jobs')).json(), { jobs: [{ id: two.id }, { id: one.id }] })
  t.match((await call('/jobs?minion=cloud&limit=1')).json(), { jobs: [{ id: one.id }] })
  t.equal((await call('/jobs?state=failed')).json<{ jobs: Job[] }>().jobs.length, 1)
  t.equal((await call('/jobs?state=odd')).statusCode, 422)
  const shown = (await call(`/jobs/${two.id}`)).json<Job>()
  t.match(shown, { state: 'failed', actor: 'ada', problem: { code: 'disk.full', detail: 'No space.' } })
  t.same(shown, jobs.get(two.id), 'the schema cuts nothing')
  t.match((await call(`/jobs/${one.id}/log?after=1`)).json(), { lines: [{ seq: 2, line: 'world' }] })
  for (const path of ['', '/log', '/events'])
    t.match((await call(`/jobs/nobody${path}`)).json(), { code: 'job.unknown', status: 404 }, path)
  t.equal((await call('/jobs/..%2f..%2fetc')).statusCode, 404)
})

t.test('a job streams its snapshots and lines, and ends', async (t) => {
  const { jobs, submit, call } = await build(t)
  const { promise: gate, resolve: open } = Promise.withResolvers<void>()
  const job = submit(async ({ log, progress }) => {
    log('first')
    progress(1, 2, 'parts')
    await gate
    for (let line = 2; line <= 1200; line++) log(`line ${line}`)
  })
  const streaming = call(`/jobs/${job.id}/events`)
  while (jobs.logs(job.id).length === 0) await turn()
  open()
  const sent = parse((await streaming).body)
  const lines = sent.filter(({ event }) => event === 'log')
  t.same(
    lines.map(({ data }) => data.seq),
    Array.from({ length: 1200 }, (_, index) => index + 1),
    'every line once, in order',
  )
  t.ok(lines.every(({ id, data }) => id === String(data.seq)))
  t.equal(sent[0]?.event, 'job', 'a snapshot at once')
  t.match(sent.at(-1), { event: 'job', data: { state: 'succeeded' } }, 'the end comes last')
  t.equal(sent.filter(({ data }) => data.state === 'succeeded').length, 1)

  const rest = parse(
    (await call(`/jobs/${job.id}/events`, 'viewer', 'GET', { 'last-event-id': '1198' })).body,
  )
  t.same(
    rest.map(({ event, data }) => [event, data.state ?? data.seq]),
    [
      ['job', 'succeeded'],
      ['log', 1199],
      ['log', 1200],
    ],
  )
})

t.test('a slow reader skips snapshots, never lines', async (t) => {
  const { jobs, submit } = await build(t)
  const { promise: gate, resolve: open } = Promise.withResolvers<void>()
  const job = submit(async ({ log }) => {
    await gate
    for (let line = 1; line <= 300; line++) log(`line ${line}`)
  })
  const news: JobNews[] = []
  for await (const one of followJob(jobs, job.id, 0, new AbortController().signal)) {
    news.push(one)
    if (news.length === 1) {
      open()
      await jobs.ended(job.id)
    }
  }
  t.equal(news.filter(({ type }) => type === 'log').length, 300)
  t.equal(news.filter(({ type }) => type === 'job').length, 2)
  t.match(news.at(-1), { type: 'job', job: { state: 'succeeded' } })
})

t.test('cancel is for operators', async (t) => {
  const { jobs, submit, call } = await build(t)
  const job = submit(
    ({ signal }) =>
      new Promise((_resolve, reject) =>
        signal.addEventListener('abort', () => reject(signal.reason as Error)),
      ),
  )
  while (jobs.get(job.id).state !== 'running') await turn()
  t.equal((await call(`/jobs/${job.id}/cancel`, 'viewer', 'POST')).statusCode, 403)
  t.equal(jobs.get(job.id).problem, undefined)
  const streaming = call(`/jobs/${job.id}/events`)
  const cancelled = await call(`/jobs/${job.id}/cancel`, 'operator', 'POST')
  t.equal(cancelled.statusCode, 202)
  t.equal((await jobs.ended(job.id)).state, 'cancelled')
  t.match(parse((await streaming).body).at(-1), { event: 'job', data: { state: 'cancelled' } })
  t.match((await call(`/jobs/${job.id}/cancel`, 'operator', 'POST')).json(), {
    code: 'job.finished',
    status: 409,
  })
})
