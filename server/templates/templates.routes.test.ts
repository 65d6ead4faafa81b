import Fastify from 'fastify'
import t from 'tap'
import { SummonerError } from '../errors.ts'
import { createCatalog } from './catalog.ts'
import { templatesRoutes } from './templates.routes.ts'

const minionYml = `name: blog
summary: {en: A blog, fr: Un blog}
category: web
revision: 1
images:
  blog: {repository: blog, tag: 5.1.0, pattern: '^5\\.', variable: BLOG_VERSION}
inputs:
  - {id: TITLE, type: string, label: {en: Title, fr: Titre}, required: true}
  - {id: PASS, type: password, label: {en: Password, fr: Mot de passe}, generate: {length: 20}}
  - {id: MODE, type: choice, choices: [a, b], default: a, label: {en: Mode, fr: Mode}}
resources: {memory: 128, disk: 100}
`
const composeYml = 'services:\n  blog:\n    image: blog:${BLOG_VERSION}\n    container_name: x\n'

t.test('list, one, check', async (t) => {
  const minionsDir = t.testdir({
    blog: { 'minion.yml': minionYml, 'compose.yml': composeYml },
    built: {
      'minion.yml': minionYml
        .replace('name: blog', 'name: built')
        .replace(
          'variable: BLOG_VERSION}',
          "variable: BLOG_VERSION, distro: {context: distro, version: '4.9'}}",
        ),
      'compose.yml': composeYml,
      distro: { Dockerfile: 'FROM scratch\n' },
    },
    sad: { 'compose.yml': composeYml },
  })
  let images: 'auto' | 'registry' | 'distro' = 'auto'
  const app = Fastify()
  app.setErrorHandler((error, _request, reply) => {
    const status = error instanceof SummonerError ? error.status : 500
    return reply
      .code(status)
      .send(error instanceof SummonerError ? error.toProblem() : { detail: String(error) })
  })
  await app.register(
    templatesRoutes({
      catalog: createCatalog({ minionsDir, hashContext: () => '0123456789ab' }),
      images: () => images,
    }),
  )
  const get = async (url: string) => {
    const answer = await app.inject(url)
    return { status: answer.statusCode, body: answer.json<unknown>() }
  }
  const list = await get('/templates')
  t.match(list.body, {
    templates: [
      { name: 'blog', summary: { fr: 'Un blog' }, category: 'web', version: '5.1.0', distribution: false },
      { name: 'built', version: '5.1.0', distribution: true },
      { name: 'sad', problem: /minion\.yml is missing/ },
    ],
  })
  images = 'distro'
  t.match((await get('/templates')).body, {
    templates: [{ name: 'blog', version: '5.1.0' }, { name: 'built', version: '4.9' }, {}],
  })
  images = 'registry'
  t.match((await get('/templates')).body, { templates: [{}, { name: 'built', version: '5.1.0' }, {}] })
  const one = await get('/templates/blog')
  t.match(one.body, {
    name: 'blog',
    services: ['blog'],
    description: { revision: 1 },
    form: {
      type: 'object',
      required: ['TITLE'],
      properties: {
        TITLE: { type: 'string', title: 'Title', 'x-title': { fr: 'Titre' } },
        PASS: { writeOnly: true, 'x-generated': true },
        MODE: { enum: ['a', 'b'], default: 'a' },
      },
    },
  })
  t.match(await get('/templates/blog/check'), {
    status: 200,
    body: {
      ok: false,
      findings: [{ rule: 'container-name', level: 'error', line: 4, path: 'minions/blog/compose.yml' }],
    },
  })
  t.match(await get('/templates/sad/check'), {
    status: 200,
    body: { ok: false, findings: [{ rule: 'format', level: 'error' }] },
  })
  t.match(await get('/templates/none'), { status: 404, body: { code: 'template.unknown' } })
  t.match(await get('/templates/none/check'), { status: 404 })
  t.match(await get('/templates/sad'), { status: 422, body: { code: 'template.invalid' } })
  t.equal((await get('/templates/..%2Fetc')).status, 500, 'refused by the pattern; the daemon makes it a 422')
})
