import t from 'tap'
import { codeOfResticWords, progressOf, retryOf, snapshotsOf, summaryOf, unreadOf } from './restic-words.ts'

t.test('progress: bytes, files, the time that is left', (t) => {
  t.same(
    progressOf(
      '{"message_type":"status","percent_done":0.5,"total_files":10,"files_done":4,"total_bytes":2000,"bytes_done":1000,"seconds_remaining":200}',
    ),
    { done: 1000, total: 2000, message: '4 of 10 files, about 3 min left' },
  )
  t.equal(progressOf('{"message_type":"summary"}'), undefined)
  t.equal(progressOf('open repository'), undefined)
  t.equal(progressOf('{"message_type":"sta'), undefined, 'a line that was cut')
  t.end()
})

t.test('the summary is the last one, whatever else was said', (t) => {
  const said =
    '{"message_type":"status"}\n{"message_type":"summary","data_added":702,"total_files_processed":3,"total_bytes_processed":9,"snapshot_id":"715a974c"}\n'
  t.same(summaryOf(said), { snapshot: '715a974c', files: 3, bytes: 9, added: 702 })
  t.equal(summaryOf('{"message_type":"summary"}'), undefined, 'without a snapshot nothing was made')
  t.equal(summaryOf(''), undefined)
  t.end()
})

t.test('unread files keep their reason, in the words of old and new versions', (t) => {
  t.same(
    unreadOf(
      '{"message_type":"error","error":{"Op":"open","message":"permission denied"},"during":"archival","item":"/a"}\n' +
        '{"message_type":"error","error":{"message":"open /b: input/output error"},"item":"/b"}\n/d does not exist, skipping\n' +
        '{"message_type":"error","error":{"Op":"open","Err":13},"item":"/c"}',
    ),
    ['/a: permission denied', '/b: open /b: input/output error', '/d: it is not there', '/c: EACCES'],
  )
  t.end()
})

t.test('snapshots with their tags', (t) => {
  t.same(snapshotsOf('null'), [], 'an empty repository')
  t.same(
    snapshotsOf('[{"time":"2026-01-01T00:00:00Z","paths":["/a"],"tags":["part=data","set=x-1"],"id":"aa"}]'),
    [{ id: 'aa', at: '2026-01-01T00:00:00Z', tags: { part: 'data', set: 'x-1' }, paths: ['/a'] }],
  )
  t.end()
})

t.test('failures become codes of the catalogue', (t) => {
  const cases: [string, ReturnType<typeof codeOfResticWords>][] = [
    ['Fatal: wrong password or no key found', 'repository.password'],
    [
      'Fatal: unable to create lock in backend: repository is already locked exclusively by PID 1',
      'repository.locked',
    ],
    [`open /x/repository/locks/${'0f'.repeat(32)}: no such file or directory`, 'repository.locked'],
    ['Fatal: unable to open config file: stat /x/config: no such file or directory', 'repository.missing'],
    [
      'Fatal: unable to open config file: Head "http://127.0.0.1:1/config": dial tcp 127.0.0.1:1: connect: connection refused\nIs there a repository at the following location?\nrest:http://127.0.0.1:1/',
      undefined,
    ],
    ['<data/afee1c27e8> does not exist', 'repository.damaged'],
    ['Fatal: read /x: input/output error: load index', undefined],
    ['Load(<data/0123>) returned error: ciphertext verification failed', 'repository.damaged'],
    // what a flipped bit in the file of a key makes restic say
    ['Fatal: Unmarshal: parsing time "\\"2026-11-22U02:16\\"" as …: cannot parse', 'repository.damaged'],
    ['Fatal: Unmarshal: illegal base64 data at input byte 4', 'repository.damaged'],
    ['Fatal: only supported KDF is scrypt()', 'repository.damaged'],
    ['Fatal: crypto.KDF: scrypt.Key: scrypt: N must be > 1 and a power of 2', 'repository.damaged'],
    ['Fatal: unable to save snapshot: write /x: no space left on device', undefined],
    ['Fatal: dial tcp: connection refused', undefined],
  ]
  for (const [said, code] of cases) t.equal(codeOfResticWords(said), code, said)
  t.end()
})

t.test('how long restic waits before it tries again', (t) => {
  const line = (pause: string) =>
    `Load(<config/0000000000>, 0, 0) returned error, retrying after ${pause}: connection reset`
  t.same(retryOf(line('552.330144ms')), { why: 'connection reset', pauseMs: 552.330144 })
  t.equal(retryOf(line('1m2.5s'))?.pauseMs, 62_500)
  t.equal(retryOf('created repository'), undefined)
  t.end()
})
