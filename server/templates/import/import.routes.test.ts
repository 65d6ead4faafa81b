import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import Fastify from 'fastify'
import t from 'tap'
import { sendProblem, toProblemError } from '../../http/problem.ts'
import { createValidatorCompiler } from '../../http/validation.ts'
import { importRoutes } from './import.routes.ts'

async function server(minionsDir: string) {
  let reloads = 0
  const app = Fastify()
  app.setValidatorCompiler(createValidatorCompiler())
  app.setErrorHandler((error, _request, reply) => sendProblem(reply, toProblemError(error)))
  await app.register(importRoutes({ minionsDir, catalog: { reload: () => void (reloads += 1) } }))
  const post = async (payload: object) => {
    const answer = await app.inject({ method: 'POST', url: '/templates/import', payload })
    return { status: answer.statusCode, headers: answer.headers, body: answer.json() }
  }
  return { minionsDir, post, reloads: () => reloads }
}
const good = { files: { 'compose.yml': 'services: {a: {image: "a:1.0", ports: ["80:80"]}}' }, name: 'thing' }

t.test('a dry run writes nothing, the real one a template', async (t) => {
  const { minionsDir, post, reloads } = await server(t.testdir({}))
  const dry = await post({ ...good, dryRun: true })
  t.equal(dry.status, 200)
  t.match(dry.body, { ok: true, name: 'thing', files: { 'compose.yml': /a:\$\{THING_VERSION\}/ } })
  t.same(readdirSync(minionsDir), [])
  const made = await post(good)
  t.equal(made.status, 201)
  t.equal(made.headers.location, '/api/v1/templates/thing')
  t.same(readdirSync(join(minionsDir, 'thing')).toSorted(), ['compose.yml', 'minion.yml'])
  t.equal(reloads(), 1)
  const text = readFileSync(join(minionsDir, 'thing/compose.yml'), 'utf8')
  const again = await post({ files: { 'compose.yml': 'services: {b: {image: "b:2.0"}}' }, name: 'thing' })
  t.match(again, { status: 422, body: { code: 'import.question', detail: /thing exists/ } })
  t.equal(readFileSync(join(minionsDir, 'thing/compose.yml'), 'utf8'), text)
})

t.test('every place is in the problem', async (t) => {
  const { minionsDir, post } = await server(t.testdir({}))
  const text = 'services:\n  a:\n    image: a\n    privileged: true\n    pid: host\n'
  const refused = await post({ files: { 'compose.yml': text }, name: 'thing' })
  t.match(refused, {
    status: 422,
    body: {
      code: 'import.refused',
      path: 'compose.yml',
      line: 4,
      column: 5,
      errors: [
        { line: 4, column: 5 },
        { line: 5, column: 5 },
        { line: 3, hint: /tag:a=/ },
      ],
    },
  })
  const question = await post({ files: { 'compose.yml': 'services:\n  a:\n    image: a\n' }, name: 'thing' })
  t.match(question, {
    status: 422,
    body: { code: 'import.question', line: 3, column: 5, errors: [{ hint: /--answer tag:a=/ }] },
  })
  t.equal((await post({ files: { 'compose.yml': text }, name: 'thing', dryRun: true })).status, 200)
  t.same(readdirSync(minionsDir), [])
})

t.test('run lines, and shared builds', async (t) => {
  const { minionsDir, post } = await server(t.testdir({}))
  mkdirSync(join(minionsDir, '.distro/nginx'), { recursive: true })
  t.match(await post({ files: {}, run: 'docker run -p 80:80 --name site nginx' }), {
    status: 201,
    body: { name: 'site' },
  })
  t.match(readFileSync(join(minionsDir, 'site/minion.yml'), 'utf8'), /\.distro\/nginx/)
})

t.test('what is no import', async (t) => {
  const { post } = await server(t.testdir({}))
  for (const body of [
    {},
    { files: [] },
    { files: { a: 1 } },
    { files: {}, name: 5 },
    { files: {}, more: true },
    { files: {}, answers: { a: 1 } },
    { files: {}, grants: 'all' },
  ])
    t.equal((await post(body)).status, 422, JSON.stringify(body))
  t.match(await post({ files: {} }), { status: 422, body: { code: 'import.refused' } })
  t.match(await post({ files: { 'compose.yml': 'x'.repeat(1024 * 1024 + 1) } }), {
    status: 422,
    body: { code: 'import.refused', detail: /larger/ },
  })
  t.match(await post({ files: { '../x': '' } }), { status: 422, body: { code: 'import.refused' } })
})
