import t from 'tap'
import { join } from 'node:path'
import type { LevelResult } from '../../server/cli/level/level-result.ts'
import { createBox } from '../box.ts'
import { installStandIns } from '../stand-ins/stand-ins.ts'

/** Every template that only a registry has, each tried out by `summoner template test` on its stand-in. RECORD and ONLY as in distribution-builds.test.ts. */
const ENGINE = ['--grant', 'docker.sock']
/** template -> its level, and what a person must allow or say. */
const TRIALS: Record<string, [level: number, given?: string[]]> = {
  elastic: [4, ['--grant', 'docker.sock:ro', '--grant', 'path:/var/lib/docker/containers:ro']],
  forgejo: [4],
  gitlab: [4],
  'gitlab-runner': [
    4,
    [
      ...ENGINE,
      '--env',
      'GITLAB_RUNNER_URL=https://gitlab.example.org',
      '--env',
      'GITLAB_RUNNER_TOKEN=glrt-abcdefghijklmnopqrst',
    ],
  ],
  kanboard: [4],
  mailpit: [4],
  mattermost: [4],
  n8n: [4],
  nextcloud: [4],
  portainer: [4, ENGINE],
  sonarqube: [4],
  taiga: [4],
  'uptime-kuma': [4],
  vaultwarden: [4],
  wekan: [4],
  wikijs: [4],
}

const only = process.env['ONLY']?.split(' ')
const names = Object.keys(TRIALS).filter((name) => only?.includes(name) ?? true)
const record = process.env['RECORD'] === undefined ? [] : ['--record']
const POWERFUL = ['portainer', 'gitlab-runner', 'elastic'].filter((name) => names.includes(name))
const box = await createBox({ templates: [], catalogue: names, boot: false })
t.teardown(() => box.remove())
installStandIns(join(box.dir, 'minions'), names)
await box.boot()

t.test('the proxy', { timeout: 300_000 }, async (t) => {
  for (const job of await box.apply()) t.equal(job.state, 'succeeded', JSON.stringify(job.problem))
})

t.test('powers over the server are refused until a person names them', async (t) => {
  for (const template of POWERFUL) {
    const { body } = await box.api<{ code: string; errors: { detail: string }[] }>('POST', '/minions', {
      template,
      env:
        template === 'gitlab-runner'
          ? { GITLAB_RUNNER_URL: 'https://g.example', GITLAB_RUNNER_TOKEN: 'glrt-abcdefghijklmnopqrst' }
          : {},
    })
    t.equal(body.code, 'template.refused', template)
    t.match(body.errors[0]?.detail, /docker/)
  }
})

for (const template of names) {
  const [level, given = []] = TRIALS[template] ?? [4]
  t.test(template, { timeout: 900_000 }, async (t) => {
    const args = [
      'template',
      'test',
      template,
      '--name',
      'tried',
      '--as',
      'stand-in',
      '--json',
      ...given,
      ...record,
    ]
    const { stdout, stderr } = await box.cli(args)
    const result = JSON.parse(stdout) as LevelResult
    t.equal(result.level, level, `${result.why ?? ''} ${stderr}`)
  })
}
