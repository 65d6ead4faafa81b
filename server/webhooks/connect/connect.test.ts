import t from 'tap'
import type { Container } from '../../docker/container.ts'
import { createHookBox } from '../hooks.fixture.ts'
import { connect, type ConnectDeps } from './connect.ts'

async function rig(template: string, more: Partial<ConnectDeps> = {}) {
  const box = await createHookBox([])
  t.teardown(() => box.close())
  const ran: { argv: readonly string[]; env: Record<string, string> }[] = []
  const said = { code: 0, stdout: '', stderr: '' }
  const deps: ConnectDeps = {
    engine: {
      execIn: async (_id, argv, { env = {} } = {}) => {
        ran.push({ argv, env })
        return said
      },
    },
    ours: () => [{ id: 'c1', name: `${template}-x`, service: template, state: 'running' } as Container],
    applied: () => ({ template, url: 'https://x.example.org', ready: true, web: [] }),
    kept: () => ({ GHOST_OWNER_EMAIL: 'ops@example.org', GHOST_OWNER_PASSWORD: 'correct horse' }),
    sources: box.hooks.sources,
    config: () => ({ sources: box.wishes }),
    configFile: {
      edit: async (...changes) => {
        const before = { sources: box.wishes } as Parameters<(typeof changes)[0]['intend']>[0]
        const config = changes.reduce((now, change) => change.intend(now), before)
        box.wishes.splice(0, box.wishes.length, ...config.sources)
        return { text: '', etag: '', config }
      },
    },
    setSecret: (name, value) => void (box.secrets[name] = value),
    randomBytes: (size) => Buffer.alloc(size, 7),
    origins: () => ({ outside: 'https://hooks.example.org', inside: 'http://hooks.example.org' }),
    ...more,
  }
  return { box, ran, said, run: () => connect(deps, 'blog', 'root') }
}

t.test('the hook is set inside the tool, and no secret is an argument', async (t) => {
  const { box, ran, run } = await rig('ghost')
  const { source, connected, address } = await run()
  t.same([source, connected], ['blog', true])
  t.same(box.wishes, [{ name: 'blog', type: 'ghost', minion: 'blog' }])
  const { argv, env } = ran[0] ?? { argv: [], env: {} }
  t.equal(env['HOOK_URL'], `https://hooks.example.org${address.path}`, 'Ghost needs a public address')
  t.equal(env['HOOK_SECRET'], address.secret)
  t.notOk(argv.join(' ').includes(address.secret ?? 'none') || argv.join(' ').includes('correct horse'))
  const again = await run()
  t.not(again.address.path, address.path)
  t.equal(box.wishes.length, 1)
  const old = box.hooks.sources.tokensOf('blog').find(({ id }) => id === address.id)
  t.match(old, { expires: '2026-11-22T08:00:00.000Z' }, 'the old one for a day')
})

t.test('WordPress calls from inside', async (t) => {
  const { ran, run } = await rig('wordpress')
  const { address } = await run()
  t.equal(ran[0]?.env['HOOK_URL'], `http://hooks.example.org${address.path}`)
  t.match(Buffer.from(ran[0]?.env['HOOK_PLUGIN'] ?? '', 'base64').toString(), /Plugin Name: Summoner/)
})

t.test('what the tool refuses leaves everything as it was', async (t) => {
  const { box, said, run } = await rig('ghost')
  said.code = 1
  said.stderr = 'POST /session/ answered 422'
  await t.rejects(run(), { code: 'hook.connect', message: /answered 422/ })
  t.same(box.wishes, [])
  t.same(box.hooks.sources.tokensOf('blog'), [])
})

t.test('tools that only a person can set up', async (t) => {
  const { ran, run } = await rig('taiga')
  t.match(await run(), { source: 'blog', connected: false, address: { path: /^\/hooks\/blog\// } })
  t.same(ran, [])
  await t.rejects((await rig('statik')).run(), { code: 'hook.unconnectable' })
  await t.rejects((await rig('ghost', { ours: () => [] })).run(), {
    code: 'hook.connect',
    message: /does not run/,
  })
  await t.rejects((await rig('ghost', { applied: () => undefined })).run(), { code: 'minion.unknown' })
  const summoning = () => ({ template: 'ghost', url: 'https://x.example.org', ready: false, web: [] })
  await t.rejects((await rig('ghost', { applied: summoning })).run(), { message: /still being summoned/ })
})
