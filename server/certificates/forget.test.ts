import { existsSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { openAuthority } from './authority.ts'
import { forgetStale } from './forget.ts'
import { createCertificateStore } from './store.ts'

const DAY = 86_400_000

t.test('what no host needs goes some time after its end; what one needs never does', async (t) => {
  const dir = t.testdir()
  const authority = await openAuthority({ dir, used: () => false, now: () => new Date() })
  const store = createCertificateStore({ dir })
  for (const names of [['gone.test'], ['here.test'], ['by-name.test'], ['*.wild.test', 'wild.test']])
    store.put(names[0] ?? '', names, await authority.issue(names))
  const needed = { hosts: ['here.test', 'a.wild.test'], names: ['by-name.test'] }
  const after = (days: number) => new Date(Date.now() + days * DAY)
  t.same(forgetStale(store, needed, after(80)), [], 'it still holds')
  t.same(forgetStale(store, needed, after(100)), [], 'its minion may come back')
  t.same(forgetStale(store, needed, after(110)), ['gone.test'])
  t.same(
    store.list().map(({ name }) => name),
    ['*.wild.test', 'by-name.test', 'here.test'],
  )
  t.notOk(existsSync(join(dir, '.versions/gone.test')), 'the key too')
  t.ok(existsSync(join(dir, 'internal/root.key')), 'the root is no leaf')
})
