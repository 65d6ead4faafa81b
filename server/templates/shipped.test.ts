/** The templates that come with Summoner say everything that a template can say, and the check finds nothing in them. */
import t from 'tap'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { hashContext } from '../images/context.ts'
import { BUILT_IN, grantsOf } from './built-in.ts'
import { createCatalog } from './catalog.ts'
import { lintTemplate } from './lint.ts'
import { isFakeTest } from './lint-words.ts'
import { oneshotsOf, webServices } from './networks.ts'
import { listOf, recordOf } from './plain.ts'

const minionsDir = join(import.meta.dirname, '../../minions')
const catalog = createCatalog({ minionsDir, hashContext })
const templates = catalog.list()
const secretive = /docker\.sock|privileged/

t.test('every shipped template is valid, known as shipped, and without a finding', async (t) => {
  t.same(catalog.broken(), [])
  t.same(new Set(templates.map(({ name }) => name)), BUILT_IN)
  const folders = readdirSync(minionsDir).filter((name) => !name.startsWith('.'))
  t.same(folders.toSorted(), [...BUILT_IN].toSorted())
  t.ok(templates.length >= 24)
  for (const template of templates) t.same(lintTemplate(template), [], template.name)
})

for (const template of templates) {
  const { name, description, compose } = template
  t.test(`${name} says all that is asked of a template`, async (t) => {
    const { images, web = [], data = [], dumps = [], resources, health } = description
    t.ok(description.notes || name === 'nginx', 'notes')
    t.ok(description.links?.['home'] || ['nginx', 'statik'].includes(name), 'links')
    for (const [service, { tag, pattern }] of Object.entries(images)) {
      t.match(tag, /\d+[.-]\d+/, `${service}: an exact tag`)
      t.ok(pattern.startsWith('^') && pattern.endsWith('$'), `${service}: the whole tag is matched`)
      t.notOk(new RegExp(pattern).test('latest'))
    }
    if (web.length > 0) t.ok(health?.path && health.status?.length, 'health over HTTP')
    t.ok(health?.start_period ?? name === 'nginx', 'how long the first start may take')
    t.ok(description.verify?.length || name === 'nginx', 'what a restored copy must show')
    t.ok(description.backup || data.length === 0, 'how it is saved')
    for (const { service, engine } of dumps) {
      const folder = data.find((entry) => entry.service === service)
      t.equal(folder?.kind, 'database', `the folder of ${engine} is a database’s`)
    }
    for (const [service, definition] of Object.entries(compose.services)) {
      const { test } = recordOf(definition.healthcheck)
      const probed = webServices(template).includes(service) || dumps.some((dump) => dump.service === service)
      if (probed && name !== 'nginx') {
        t.ok(test && !isFakeTest(test), `${service} is probed`)
        t.ok(recordOf(definition.healthcheck)['start_period'], `${service}: start period`)
      }
      const many = Object.keys(compose.services).length > 1
      if (many) t.ok(resources.services?.[service], `${service}: limits of its own`)
      const lasting = !oneshotsOf(template).includes(service)
      if (lasting && listOf(definition['volumes']).length > 0 && !['nginx', 'statik'].includes(name))
        t.ok(definition['stop_grace_period'], `${service}: time to stop`)
    }
    const sum = Object.values(resources.services ?? {}).reduce((total, { memory }) => total + memory, 0)
    if (sum > 0 && name !== 'nginx') t.equal(resources.memory, sum, 'memory is the sum of its services')
    const secrets = (description.inputs ?? []).filter((input) => input.secret)
    for (const { id, generate, default: byDefault, required } of secrets)
      t.ok(generate ?? (byDefault === '' || required), `${id} is generated, or may be empty, or is asked for`)
  })
}

t.test('builds with Apache and PHP begin with the same step, so that they share its layer', async (t) => {
  const steps = templates.flatMap(({ name }) => {
    const file = join(minionsDir, name, 'distro', name, 'Dockerfile')
    const text = existsSync(file) ? readFileSync(file, 'utf8') : ''
    return /^RUN (?:.*\\\n)*.*libapache2-mod-php(?:.*\\\n)*.*\n/m.exec(text)?.[0] ?? []
  })
  t.ok(steps.length >= 5)
  t.equal(new Set(steps).size, 1)
})

t.test(
  'powers that amount to the whole server are asked of a person, even for shipped templates',
  async (t) => {
    for (const { name, description } of templates) {
      const asked = description.grants ?? []
      t.notOk(
        grantsOf(name, asked, []).some((what) => secretive.test(what)),
        name,
      )
    }
    const portainer = catalog.get('portainer').description.grants ?? []
    t.same(grantsOf('portainer', portainer, []), [])
    t.same(grantsOf('portainer', portainer, ['docker.sock']), ['docker.sock'])
    const nginx = catalog.get('nginx').description.grants ?? []
    t.same(
      grantsOf('nginx', nginx, []),
      nginx.map(({ what }) => what),
    )
  },
)
