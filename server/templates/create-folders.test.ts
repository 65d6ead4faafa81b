import { readdirSync, statSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { createFolders } from './create-folders.ts'

const own = `${process.getuid?.() ?? 0}:${process.getgid?.() ?? 0}`

t.test('makes folders with owner and mode, and leaves data alone', async (t) => {
  const root = t.testdir({ full: { file: 'x' } })
  const full = join(root, 'full')
  const before = statSync(full).mode
  await createFolders([
    { path: join(root, 'a/b'), owner: own, mode: '0750' },
    { path: full, mode: '0700' },
  ])
  t.equal(statSync(join(root, 'a/b')).mode & 0o777, 0o750)
  t.equal(statSync(full).mode, before)
})

t.test('a link inside a mounted folder is refused', async (t) => {
  const root = t.testdir({ data: {}, victim: {} })
  symlinkSync(join(root, 'victim'), join(root, 'data/sub'))
  const folders = [{ path: join(root, 'data/sub/deeper') }, { path: join(root, 'data') }]
  await t.rejects(createFolders(folders), { code: 'render.failed' })
  t.strictSame(readdirSync(join(root, 'victim')), [])
})
