import { existsSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { openAuthority } from './authority.ts'
import { forgetStale, inUse } from './forget.ts'
import { createCertificateStore } from './store.ts'

const DAY = 86_400_000

t.test(
  'what no host is served with goes some time after its end; what one is served with never does',
  async (t) => {
    const dir = t.testdir()
    const authority = await openAuthority({ dir, used: () => false, now: () => new Date() })
    const store = createCertificateStore({ dir })
    for (const names of [['gone.test'], ['a.wild.test'], ['here.test'], ['*.wild.test', 'wild.test']])
      store.put(names[0] ?? '', names, await authority.issue(names))
    // of a.wild.test the wildcard has taken the place
    const used = new Set(['here.test', '*.wild.test'])
    const shown = (names?: ReadonlySet<string>) => inUse(store.list(), names).map(({ name }) => name)
    t.same(shown(used), ['*.wild.test', 'here.test'], 'the others are not worth a word')
    t.equal(shown().length, 4, 'before it is known')
    const after = (days: number) => new Date(Date.now() + days * DAY)
    t.same(forgetStale(store, used, after(80)), [], 'it still holds')
    t.same(forgetStale(store, used, after(100)), [], 'its minion may come back')
    t.same(forgetStale(store, used, after(110)).sort(), ['a.wild.test', 'gone.test'])
    t.same(
      store.list().map(({ name }) => name),
      ['*.wild.test', 'here.test'],
    )
    t.notOk(existsSync(join(dir, '.versions/gone.test')), 'the key too')
    t.ok(existsSync(join(dir, 'internal/root.key')), 'the root is no leaf')
  },
)
