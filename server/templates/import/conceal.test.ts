import t from 'tap'
import { parse } from 'yaml'
import type { ComposeFile } from '../template.ts'
import { imported, summonable } from './summonable.fixture.ts'

t.test('passwords in commands and health checks', async (t) => {
  const report = imported(`services:
  db:
    image: mysql:8.4
    environment: {MYSQL_ROOT_PASSWORD: rootpw77}
    healthcheck: {test: "mysqladmin ping -uroot -prootpw77"}
  cache:
    image: redis:7
    command: redis-server --requirepass "cachepw8" --port 6379
  queue:
    image: example/queue:1.0
    command: [serve, --password, queuepw9, -p, "8080", -a, rootpw77]
`)
  t.ok(report.ok)
  t.notMatch(JSON.stringify(report.files), /rootpw77|cachepw8|queuepw9/)
  const { services } = parse(report.files['compose.yml'] ?? '') as ComposeFile
  t.match(services['db']?.healthcheck, { test: 'mysqladmin ping -uroot -p${MYSQL_ROOT_PASSWORD}' })
  t.equal(services['cache']?.['command'], 'redis-server --requirepass "${CACHE_PASSWORD}" --port 6379')
  t.same(services['queue']?.['command'], [
    'serve',
    '--password',
    '${QUEUE_PASSWORD}',
    '-p',
    '8080',
    '-a',
    '${MYSQL_ROOT_PASSWORD}',
  ])
  summonable(report)
})
