import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { createConfigFile } from '../config/config-file.ts'
import type { Application } from '../config/config.ts'
import { SummonerError } from '../errors.ts'
import type { MinionDeps } from './deps.ts'
import { readSettings, settingsEdit } from './settings.ts'

const BEFORE = `summoner:
  domain: example.org
  applications:
    - wiki
    - {name: site, template: wordpress, env: {TITLE: Team, PASSWORD: hunter2}} # ours
`

function rig(t: { testdir(): string }) {
  const dir = t.testdir()
  const path = join(dir, 'config.yml')
  writeFileSync(path, BEFORE)
  const config = createConfigFile({
    path,
    home: dir,
    previousDir: join(dir, 'previous'),
    clock: () => new Date(0),
  })
  const renderOne = (application: Application) => {
    if (application.env['TITLE'] === 'refused') throw new SummonerError('render.failed', 'TITLE is refused.')
    return {
      rendered: {
        minion: application.name,
        host: `${application.subdomain}.example.org`,
        services: [],
        env: { TITLE: 'WordPress', COLOUR: 'blue', ...application.env },
        secrets: ['PASSWORD'],
      },
    }
  }
  const deps = {
    config,
    wishes: { renderOne, list: () => [] },
    readKept: () => ({}),
    dirs: { minions: dir, records: join(dir, 'records') },
  } as unknown as MinionDeps
  return { deps, config, text: () => readFileSync(path, 'utf8') }
}

t.test('tells the environment, and no secret', (t) => {
  const { deps } = rig(t)
  const settings = readSettings('site', deps)
  t.same(settings.environment, [
    { name: 'TITLE', secret: false, written: true, value: 'Team' },
    { name: 'COLOUR', secret: false, written: false, value: 'blue' },
    { name: 'PASSWORD', secret: true, written: true },
  ])
  t.notMatch(JSON.stringify(settings), 'hunter2')
  t.throws(() => readSettings('ghost', deps), { code: 'minion.unknown' })
  t.end()
})

t.test('a change touches only what it names, and keeps secrets that were never shown', async (t) => {
  const { deps, config, text } = rig(t)
  const change = { subdomain: 'www2', env: { TITLE: 'New', COLOUR: 'red' } }
  const preview = config.previewText(settingsEdit('site', change, deps))
  t.equal(preview.before, BEFORE)
  t.equal(text(), BEFORE, 'a preview writes nothing')
  await config.edit(settingsEdit('site', change, deps))
  t.equal(text(), preview.after)
  t.match(text(), /PASSWORD: hunter2/)
  t.match(text(), /# ours/)
  t.same(config.read().config.applications.find(({ name }) => name === 'site')?.env, {
    TITLE: 'New',
    COLOUR: 'red',
    PASSWORD: 'hunter2',
  })
  await config.edit(settingsEdit('site', { subdomain: null, env: { TITLE: null, COLOUR: null } }, deps))
  const back = config.read().config.applications.find(({ name }) => name === 'site')
  t.match(back, { subdomain: 'site', env: { PASSWORD: 'hunter2' } })
})

t.test('a power is given as a setting, also to a template that does not render without it', (t) => {
  const { deps, config } = rig(t)
  const render = deps.wishes.renderOne
  deps.wishes.renderOne = (application, box) => {
    if (!application.grants.includes('docker.sock'))
      throw new SummonerError('template.refused', 'It asks for docker.sock.')
    return render(application, box)
  }
  deps.readKept = () => ({ TITLE: 'Team', PASSWORD: 'hunter2' })
  const settings = readSettings('site', deps)
  t.same(settings.grants, [])
  t.notMatch(JSON.stringify(settings), 'hunter2', 'what is not known to be harmless is masked')
  t.throws(() => settingsEdit('site', { env: { TITLE: 'New' } }, deps), { code: 'template.refused' })
  const { after } = config.previewText(settingsEdit('site', { grants: ['docker.sock'] }, deps))
  t.match(after, /docker\.sock/)
  t.end()
})

t.test('what does not render is refused before anything is written', (t) => {
  const { deps, text } = rig(t)
  t.throws(() => settingsEdit('site', { env: { TITLE: 'refused' } }, deps), { code: 'render.failed' })
  t.throws(() => settingsEdit('site', { subdomain: 'wiki' }, deps), SummonerError)
  t.equal(text(), BEFORE)
  t.end()
})
