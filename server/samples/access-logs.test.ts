import { appendFileSync, mkdirSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { createAccessLogs } from './access-logs.ts'

/** As `log_format summoner` writes it. */
const line = (status: number, seconds: string, path = '/') =>
  `{"time":"2026-03-01T12:00:00+00:00","host":"a.test","client":"192.0.2.1","method":"GET","path":${JSON.stringify(path)},"protocol":"HTTP/2.0","status":${status},"sent":1,"received":2,"seconds":${seconds},"upstream":"10.0.0.2:80","upstream_seconds":"0.01","request":"x","agent":"curl"}\n`

t.test('new lines are counted once', async (t) => {
  const dir = t.testdir({ 'old.test.access.log': line(200, '9.000').repeat(3), 'other.txt': line(200, '1') })
  const logs = createAccessLogs(() => dir)
  const file = join(dir, 'old.test.access.log')
  t.same(logs.look().get('old.test'), { requests: 0, errors: 0, seconds: 0 }, 'history is not counted')
  appendFileSync(file, line(200, '0.250') + line(502, '1.000') + line(404, '0.250'))
  t.same([...logs.look()], [['old.test', { requests: 3, errors: 1, seconds: 1.5 }]])
  t.same(logs.look().get('old.test'), { requests: 0, errors: 0, seconds: 0 })
  const half = line(200, '0.500')
  appendFileSync(file, half.slice(0, 80))
  t.equal(logs.look().get('old.test')?.requests, 0, 'half a line waits')
  appendFileSync(file, half.slice(80))
  t.equal(logs.look().get('old.test')?.requests, 1)
  writeFileSync(join(dir, 'new.test.access.log'), line(200, '0.100'))
  t.equal(logs.look().get('new.test')?.requests, 1, 'a log that begins later counts from its first line')
})

t.test('through rotation, truncation and removal', async (t) => {
  const dir = t.testdir({ 'a.test.access.log': '' })
  const file = join(dir, 'a.test.access.log')
  const logs = createAccessLogs(() => dir)
  logs.look()
  appendFileSync(file, line(200, '0.1'))
  renameSync(file, `${file}.1`)
  appendFileSync(`${file}.1`, line(200, '0.1'))
  writeFileSync(file, line(200, '0.1'))
  t.equal(logs.look().get('a.test')?.requests, 3, 'the end of the old one and the new one')
  truncateSync(file)
  t.equal(logs.look().get('a.test')?.requests, 0)
  appendFileSync(file, line(200, '0.1'))
  t.equal(logs.look().get('a.test')?.requests, 1)
  rmSync(file)
  t.equal(logs.look().get('a.test'), undefined)
})

t.test('visitors cannot write figures of their own', async (t) => {
  const dir = t.testdir({ 'a.test.access.log': '' })
  const logs = createAccessLogs(() => dir)
  logs.look()
  const path = '/","status":500,"seconds":99,"x":"'
  appendFileSync(join(dir, 'a.test.access.log'), line(200, '0.5', path) + 'not a line of ours\n\n')
  t.same(logs.look().get('a.test'), { requests: 1, errors: 0, seconds: 0.5 })
})

t.test('a flood is counted over several looks, a missing folder is no logs', async (t) => {
  const dir = join(t.testdir(), 'logs')
  const logs = createAccessLogs(() => dir)
  t.equal(logs.look().size, 0)
  mkdirSync(dir)
  const many = 60_000
  writeFileSync(join(dir, 'a.test.access.log'), line(200, '0.001').repeat(many))
  const looks: number[] = []
  for (let sum = 0; sum < many && looks.length < 10; sum = looks.reduce((all, one) => all + one, 0))
    looks.push(logs.look().get('a.test')?.requests ?? 0)
  t.equal(
    looks.reduce((all, one) => all + one, 0),
    many,
  )
})
