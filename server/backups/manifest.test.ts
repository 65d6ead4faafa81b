import t from 'tap'
import { readManifest, writeManifest, type Manifest } from './manifest.ts'
import { manifestOf } from './manifest.fixture.ts'

t.test('what was written is read', (t) => {
  const manifest = manifestOf('cloud')
  t.same(readManifest(writeManifest(manifest), manifest.set), manifest)
  t.end()
})

t.test('a stranger’s document is refused with its place', (t) => {
  const { set } = manifestOf('cloud')
  const refused = (change: (manifest: Manifest) => void, code: string, message: RegExp) => {
    const manifest = manifestOf('cloud')
    change(manifest)
    t.throws(() => readManifest(writeManifest(manifest), set), { code, message })
  }
  refused((manifest) => (manifest.version = 3), 'set.newer', /format 3/)
  refused((manifest) => (manifest.set = 'other-20260101-000000'), 'repository.damaged', /other/)
  refused((manifest) => (manifest.minion = '../x'), 'repository.damaged', /minion/)
  refused((manifest) => (manifest.folders[0]!.path = 'relative'), 'repository.damaged', /folders/)
  for (const path of ['/data/../../etc', '/..', '/data/./x', '//etc', '/data/'])
    refused((manifest) => (manifest.folders[0]!.path = path), 'repository.damaged', /folders/)
  refused((manifest) => (manifest.snapshots.data = '--password-command=x'), 'repository.damaged', /snapshots/)
  t.throws(() => readManifest('{', set), { code: 'repository.damaged' })
  t.throws(() => readManifest('[]', set), { code: 'repository.damaged' })
  t.end()
})
