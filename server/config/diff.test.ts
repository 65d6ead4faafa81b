import t from 'tap'
import { diffConfigs } from './diff.ts'
import { parseConfig } from './parse.ts'

const box = (body: string) =>
  parseConfig(`summoner:\n${body.replace(/^/gm, '  ')}`, { path: '/srv/config.yml', home: '/root' }).config

const before = box('domain: a.example\napplications: ghost wekan chat')

t.test('nothing', async (t) => {
  const nothing = { added: [], removed: [], changed: [], box: [] }
  t.same(diffConfigs(before, before), nothing)
  t.same(
    diffConfigs(
      before,
      box('domain: a.example\napplications: [chat, nginx, wekan, {name: ghost, state: running}]'),
    ),
    nothing,
    'another spelling',
  )
})

t.test('minions', async (t) => {
  const after = box(
    'domain: a.example\napplications:\n- {name: ghost, version: "5", env: {A: b}}\n- chat\n- {name: nginx, state: stopped}\n- site',
  )
  t.same(diffConfigs(before, after), {
    added: ['site'],
    removed: ['wekan'],
    changed: [
      { name: 'nginx', fields: ['state'] },
      { name: 'ghost', fields: ['env', 'version'] },
    ],
    box: [],
  })
  t.same(
    diffConfigs(after, before).changed.map(({ fields }) => fields),
    [['state'], ['env', 'version']],
    'and back',
  )
})

t.test('the box', async (t) => {
  const after = box(
    'domain: b.example\nemail: a@b.example\ntls: {acme: "https://ca.example"}\nbackups: {keep: {daily: 3}}\napplications: ghost wekan chat',
  )
  t.same(diffConfigs(before, after).box.toSorted(), ['backups', 'domain', 'email', 'tls'])
  t.same(diffConfigs(before, after).changed, [])
})
