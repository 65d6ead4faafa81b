import t from 'tap'
import SQLite from 'better-sqlite3'
import { join } from 'node:path'
import { openDatabase } from '../../db/open-database.ts'
import { createDestinationsStore } from '../destinations/destinations-store.ts'
import { createSetsStore } from '../sets-store.ts'
import { readBoxManifest, writeBoxManifest, type BoxManifest } from './box-manifest.ts'
import { recoverySheet } from './recovery-sheet.ts'
import { settleDatabase } from './settle-database.ts'

const log = { info() {}, error() {} }
const SET = 'summoner-20260301-020000'
const manifest: BoxManifest = {
  version: 1,
  set: SET,
  box: '0123456789abcdef',
  minion: 'summoner',
  summoner: '0.1.0',
  schema: 11,
  at: '2026-03-01T02:00:00.000Z',
  domain: 'kit.test',
  paths: {
    config: '/k/config.yml',
    state: '/k/state',
    certificates: '/k/c',
    templates: '/k/m',
    database: '/k/db',
  },
  minions: ['nginx', 'web'],
  count: { files: 1, bytes: 2 },
}

t.test('the manifest of a box is read as something a stranger wrote', async (t) => {
  t.same(readBoxManifest(writeBoxManifest(manifest), SET), manifest)
  const refused = (change: (value: Record<string, unknown>) => void, code: string, set = SET) => {
    const value = structuredClone(manifest) as unknown as Record<string, unknown>
    change(value)
    t.throws(() => readBoxManifest(JSON.stringify(value), set), { code })
  }
  refused((value) => (value['version'] = 2), 'set.newer')
  refused((value) => (value['minions'] = ['../../etc']), 'repository.damaged')
  refused((value) => (value['paths'] = { ...manifest.paths, state: '--target=/' }), 'repository.damaged')
  refused((value) => (value['paths'] = { ...manifest.paths, state: '/k/../../etc' }), 'repository.damaged')
  refused((value) => (value['minion'] = 'web'), 'repository.damaged')
  refused(() => {}, 'repository.damaged', 'summoner-20260302-020000')
  t.throws(() => readBoxManifest('{', SET), { code: 'repository.damaged' })
})

t.test('what ran on the server that is gone does not run here', async (t) => {
  const file = join(t.testdir(), 'summoner.db')
  const { db } = openDatabase({ file, log })
  db.exec(`INSERT INTO jobs (id, kind, actor, input, state, created_at) VALUES
    ('a', 'dismiss', 'x', '{}', 'running', 'then'), ('b', 'copy', 'x', '{}', 'queued', 'then'), ('c', 'dump', 'x', '{}', 'failed', 'then');
    INSERT INTO journal (job, key, kind, at) VALUES ('a', 'k', 'resume', 'then')`)
  const sets = createSetsStore(db)
  sets.begin({ id: 'web-1', minion: 'web', job: 'd', reason: 'request', startedAt: 'then' })
  const known = { minion: 'web', at: manifest.at, stopped: true, files: 1, bytes: 2, manifest: '{}' }
  sets.adopt({ ...known, id: 'web-0', dataSnapshot: 'aa', manifestSnapshot: 'bb' })
  db.close()
  settleDatabase(file, manifest.at)
  const after = new SQLite(file)
  t.same(after.prepare('SELECT id, state FROM jobs ORDER BY id').all(), [
    { id: 'a', state: 'interrupted' },
    { id: 'b', state: 'interrupted' },
    { id: 'c', state: 'failed' },
  ])
  t.same(after.prepare('SELECT count(*) AS n FROM journal').get(), { n: 0 })
  t.same(after.prepare('SELECT id, state FROM backup_sets ORDER BY id').all(), [
    { id: 'web-0', state: 'removed' },
    { id: 'web-1', state: 'failed' },
  ])
  const again = createSetsStore(after)
  again.adopt({ ...known, id: 'web-0', dataSnapshot: 'cc', manifestSnapshot: 'dd' })
  t.match(again.restorable('web-0'), { state: 'good', dataSnapshot: 'cc' }, 'ids of the repository here')
  after.close()
})

t.test('what is known of a destination', async (t) => {
  const { db } = openDatabase({ file: join(t.testdir(), 'summoner.db'), log })
  const store = createDestinationsStore(db)
  t.same(store.get('disk', '/mnt/a'), { name: 'disk', to: '/mnt/a', tries: 0 })
  store.identify('disk', 'r1')
  store.holds('disk', new Set(['a', 'b']), 'then')
  store.holds('disk', new Set(['b', 'c']), 'later')
  t.same([...store.sets('disk')].sort(), ['b', 'c'])
  t.same(store.holders('c'), ['disk'])
  const failure = { problem: 'full', code: 'disk.full', retryAt: 'soon' }
  store.failed('disk', { ...failure, at: '1' })
  store.failed('disk', { ...failure, at: '2' })
  t.match(store.get('disk', '/mnt/a'), { problem: 'full', since: '1', tries: 2, repository: 'r1' })
  store.succeeded('disk', '3')
  t.match(store.get('disk', '/mnt/a'), { problem: undefined, since: undefined, tries: 0, succeededAt: '3' })
  t.same(
    store.get('disk', '/mnt/b'),
    { name: 'disk', to: '/mnt/b', tries: 0 },
    'another address is another place',
  )
  t.equal(store.sets('disk').size, 0)
  store.forgetOthers(new Set(['else']))
  t.same(store.holders('c'), [])
  db.close()
})

t.test('the sheet names what opens each destination, and the commands', async (t) => {
  const facts = {
    domain: 'kit.test',
    box: '0f0f',
    at: manifest.at,
    password: 'aaaaa-bbbbb',
    here: '/k/repository',
    minions: [{ name: 'web', folders: ['/k/volumes/web'] }],
  }
  const rest = {
    destination: { name: 'far', to: 'rest:https://far.test/kit/' },
    env: { RESTIC_REST_USERNAME: 'box', RESTIC_REST_PASSWORD: "it's" },
  }
  const sheet = recoverySheet({ ...facts, destinations: [rest] })
  t.match(sheet, 'Password of every repository: aaaaa-bbbbb')
  t.match(sheet, "export RESTIC_REST_PASSWORD='it'\\''s'")
  t.match(sheet, "export RESTIC_REPOSITORY='rest:https://box:it")
  t.match(sheet, './install.sh --restore-from rest:https://far.test/kit/')
  t.match(sheet, 'restic restore latest --tag box=0f0f,minion=web,part=data --target /srv/back/web')
  t.match(recoverySheet({ ...facts, destinations: [] }), /no copy off this server/)
  const ssh = {
    destination: { name: 'nas', to: 'sftp:b@nas:/kit' },
    env: {},
    key: '-----BEGIN\nKEY\n-----END',
  }
  t.match(recoverySheet({ ...facts, destinations: [ssh] }), /mode 0600:\n-----BEGIN\nKEY/)
})
