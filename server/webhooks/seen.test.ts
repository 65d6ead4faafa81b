import { hash } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { openDatabase } from '../db/open-database.ts'
import { createSeen } from './seen.ts'
import { createSeenStore } from './seen-store.ts'

const DAY = 86_400_000
const keyOf = (n: number) => hash('sha256', String(n)).slice(0, 32)

function rig(t: Test, moveAt = 1_000) {
  const dir = mkdtempSync(join(tmpdir(), 'summoner-seen-'))
  const { db } = openDatabase({ file: join(dir, 'seen.db'), log: { info() {}, error() {} } })
  t.teardown(() => {
    db.close()
    rmSync(dir, { recursive: true, force: true })
  })
  const errors: unknown[] = []
  const turns: (() => void)[] = []
  const create = () =>
    createSeen({
      store: createSeenStore(db),
      moveAt,
      soon: (work) => void turns.push(work),
      onError: (error) => void errors.push(error),
    })
  const count = (table: string) => db.prepare(`SELECT count(*) FROM ${table}`).pluck().get() as number
  const claim = (seen: ReturnType<typeof create>, n: number, now = 0) => {
    const fresh = seen.claim([{ source: 'ci', key: keyOf(n), until: now + DAY }], now)
    seen.settle(true)
    return fresh.size > 0
  }
  return { db, create, claim, count, turns, errors }
}

t.test('a key counts once until its time is over, wherever it lies', async (t) => {
  const { create, claim, count, turns } = rig(t, 2_000)
  const seen = create()
  for (let n = 0; n < 2_000; n++) if (!claim(seen, n)) t.fail(`${n} was not seen before`)
  t.notOk(claim(seen, 7), 'appended')
  const two = { source: 'other', key: keyOf(7), until: DAY }
  t.same([...seen.claim([two, { ...two }, { ...two, source: 'ci' }], 0)], [two], 'of another source, once')
  seen.settle(true)
  t.same([count('hook_seen'), count('hook_seen_appended')], [0, 2_001])

  // while they are moved, a slice in each turn, nothing is forgotten and what comes in stays
  turns.shift()?.()
  t.ok(count('hook_seen') > 0 && count('hook_seen') < 2_000)
  t.notOk(claim(seen, 7))
  t.ok(claim(seen, 5_000))
  while (turns.length > 0) turns.shift()?.()
  t.same([count('hook_seen'), count('hook_seen_appended')], [2_001, 1])
  for (const n of [0, 7, 1_999, 5_000]) t.notOk(claim(seen, n), `${n}, moved`)

  t.ok(claim(seen, 7, DAY + 1), 'its time is over')
  t.notOk(claim(seen, 7, DAY + 2))
  seen.move()
  while (turns.length > 0) turns.shift()?.()
  t.notOk(claim(seen, 7, DAY + 3), 'the later end holds')
  seen.forget(DAY + 4)
  t.ok(count('hook_seen') < 10)
})

t.test('what a commit takes back was not seen', async (t) => {
  const { db, create, count } = rig(t)
  const seen = create()
  const one = { source: 'ci', key: keyOf(1), until: DAY }
  t.throws(() =>
    db.transaction(() => {
      seen.claim([one], 0)
      throw new Error('the disk is full')
    })(),
  )
  seen.settle(false)
  t.equal(count('hook_seen_appended'), 0)
  t.equal(seen.claim([one], 0).size, 1)
  seen.settle(true)
})

t.test('after a crash, also in the middle of a move, all are known', async (t) => {
  const { db, create, claim, count, turns, errors } = rig(t)
  const first = create()
  for (let n = 0; n < 1_000; n++) claim(first, n)
  turns.shift()?.()
  turns.length = 0
  const second = create()
  for (const n of [0, 500, 999]) t.notOk(claim(second, n))
  second.move()
  while (turns.length > 0) turns.shift()?.()
  t.same([count('hook_seen'), count('hook_seen_appended')], [1_000, 0])

  // a move that fails is made another time
  claim(second, 2_000)
  db.exec('CREATE TRIGGER full BEFORE INSERT ON hook_seen BEGIN SELECT RAISE(ABORT, "full"); END')
  second.move()
  t.equal(errors.length, 1)
  t.notOk(claim(second, 2_000))
  db.exec('DROP TRIGGER full')
  second.move()
  t.same([count('hook_seen'), count('hook_seen_appended')], [1_001, 0])
})
