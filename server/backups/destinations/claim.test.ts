import t from 'tap'
import { join } from 'node:path'
import type { Snapshot } from '../restic-words.ts'
import { beginLife, readLives } from '../lives.ts'
import { claim } from './claim.ts'

function place() {
  const claims: Snapshot[] = []
  return {
    claims,
    snapshots: async () => claims,
    keep: async (_name: string, _text: string, tags: Record<string, string>) => {
      const id = String(claims.length)
      claims.unshift({ id, at: `2026-03-0${claims.length + 1}T02:00:00Z`, tags, paths: [] })
      return id
    },
  }
}

t.test(
  'one life of a box writes to a place; a recovery takes it over, the server of before is refused',
  async (t) => {
    const dir = t.testdir()
    const old = readLives(join(dir, 'old'), () => 'a')
    t.same(
      readLives(join(dir, 'old'), () => 'other'),
      { own: 'a', before: [] },
    )
    const there = place()
    const asked = (lives: typeof old, takeOver = false) => claim({ name: 'disk', there, lives, takeOver })
    await asked(old)
    await asked(old)
    t.equal(there.claims.length, 1, 'said once')

    beginLife(join(dir, 'old'), 'b')
    const back = readLives(join(dir, 'old'), () => 'other')
    t.same(back, { own: 'b', before: ['a'] })
    await asked(back)
    await t.rejects(asked(old), { code: 'destination.shared', message: /since 2026-03-02T02:00/ })
    await asked(back)
    t.equal(there.claims.length, 2)

    await asked(old, true)
    await t.rejects(asked({ own: 'c', before: [] }), { code: 'destination.shared' })
    await asked(old)
  },
)
