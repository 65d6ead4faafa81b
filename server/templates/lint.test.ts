import t from 'tap'
import { parse } from 'yaml'
import { isFakeTest, isSecretKey } from './lint-words.ts'
import { lintTemplate } from './lint.ts'
import type { ComposeFile } from './template.ts'
import { composeText, template } from './two-services.fixture.ts'

const sound = composeText
  .replace('      - "80:80"\n', '')
  .replace(
    '    restart: always\n',
    '    restart: always\n    healthcheck: {test: ["CMD", "healthcheck.sh", "--connect"]}\n',
  )
const health = { path: '/', status: [200] }
const limits = {
  memory: 512,
  disk: 1,
  services: { blog: { memory: 1 }, db: { memory: 1 }, migrate: { memory: 1 } },
}

function rulesOf(text: string, change: Partial<ReturnType<typeof template>['description']> = {}) {
  const of = template(parse(text) as ComposeFile, { health, resources: limits, ...change })
  return lintTemplate({ ...of, composeText: text }).map(
    ({ rule, severity, line }) => `${rule} ${severity} ${line}`,
  )
}

t.test('a sound template', async (t) => {
  t.strictSame(rulesOf(sound), [])
})

t.test('every rule, with its line', async (t) => {
  const env = (text: string) =>
    sound.replace('      TITLE: ${TITLE}\n', `      TITLE: \${TITLE}\n      ${text}\n`)
  const blog = (text: string) => sound.replace('  blog:\n', `  blog:\n    ${text}\n`)
  const table: [text: string, expected: string][] = [
    [`version: "3"\n${sound}`, 'obsolete-key warning 1'],
    [blog('links: [db]'), 'obsolete-key warning 3'],
    [blog('container_name: x'), 'container-name error 3'],
    [blog('privileged: true'), 'host-power error 3'],
    [blog('volumes_from: [db]'), 'obsolete-key warning 3'],
    [env('API_TOKEN: abcdef'), 'literal-secret error 9'],
    [env('DB_PASSWORD2: ${X:-fallback}').replace('DB_PASSWORD2', 'OTHER_PASSWORD'), 'literal-secret error 9'],
    [env('X: ${LOG_LEVEL:-info}'), 'unset-variable warning 9'],
    [env('X: https://${MY_BLOG_SUBDOMAIN}.${DOMAIN}'), 'host-variable warning 9'],
    [sound.replace('"127.0.0.1:8025:8025"', '"8025:8025"'), 'published-port error 10'],
    [
      sound.replace(
        '    networks: [default, back]\n',
        '    networks: [default, back]\n    ports: ["3306:3306"]\n',
      ),
      'published-database-port error 23',
    ],
    [
      sound.replace('    volumes:\n      - ${DATABASE_STORAGE_ROOT}/${MINION}/db:/var/lib/mysql\n', ''),
      'database-without-volume error 18',
    ],
    [sound.replace('${MINION}/content:', '${MINION}/other:'), 'undeclared-data warning 12'],
    [sound.replace('./setup:/summoner:ro', './setup:/summoner'), 'writable-template warning 13'],
    [sound.replace('"CMD", "true-check"', '"CMD-SHELL", "curl x || exit 0"'), 'fake-health error 17'],
    [
      sound.replace('    healthcheck: {test: ["CMD", "healthcheck.sh", "--connect"]}\n', ''),
      'missing-health warning 18',
    ],
    [`${sound}volumes: {cache: {}}\n`, 'named-volume warning 33'],
    [sound.replace('[default, back]', '{default: {ipv4_address: 10.0.0.9}}'), 'own-address warning 22'],
  ]
  for (const [text, expected] of table)
    t.ok(rulesOf(text).includes(expected), `${expected}, not ${rulesOf(text).join('; ')}`)
})

t.test('rules of minion.yml', async (t) => {
  const images = { blog: { repository: 'blog', tag: '5-alpine', pattern: '5', variable: 'BLOG_VERSION' } }
  t.ok(rulesOf(sound, { images }).includes('floating-tag error 1'))
  const dated = { blog: { ...images.blog, tag: '2025-05-14b' } }
  t.notOk(rulesOf(sound, { images: dated }).includes('floating-tag error 1'), 'a date is a version')
  t.ok(rulesOf(sound, { summary: { en: 'Only in this language', fr: '' } }).includes('language warning 1'))
  t.ok(
    rulesOf(sound, { summary: { en: 'The same in both places', fr: 'The same in both places' } }).includes(
      'language warning 1',
    ),
  )
  t.ok(
    rulesOf(sound, { grants: [{ what: 'privileged', why: { en: 'x', fr: 'x' } }] }).includes(
      'unused-grant warning 1',
    ),
  )
  t.ok(
    rulesOf(sound, { data: [{ service: 'blog', path: '${VOLUME_STORAGE_ROOT}/x', kind: 'files' }] }).includes(
      'data-path warning 1',
    ),
  )
  t.ok(rulesOf(sound, { resources: { memory: 1, disk: 1 } }).includes('missing-limits warning 2'))
  t.ok(rulesOf(sound, { health: {} }).includes('missing-health warning 1'))
})

t.test('health checks that cannot fail', async (t) => {
  const fake = [
    'true',
    'exit 0',
    ['CMD', 'true'],
    ['CMD', '/bin/true'],
    ['CMD-SHELL', 'echo ok'],
    ['CMD', 'sh', '-c', 'exit 0'],
    ['CMD-SHELL', 'curl -f x || true'],
    ['CMD-SHELL', 'curl x; exit 0'],
    ['CMD-SHELL', 'curl x || echo failed'],
    ['CMD-SHELL', ''],
    'ls /',
  ]
  const real = [
    ['CMD', 'curl', '-f', 'http://127.0.0.1/'],
    ['CMD-SHELL', 'curl -f x || exit 1'],
    'pg_isready -U x',
    ['CMD-SHELL', 'echo ping | nc localhost 1'],
    ['CMD', 'redis-cli', 'ping'],
    ['NONE'],
  ]
  for (const test of fake) t.ok(isFakeTest(test), JSON.stringify(test))
  for (const test of real) t.notOk(isFakeTest(test), JSON.stringify(test))
})

t.test('keys of secrets', async (t) => {
  for (const key of ['DB_PASSWORD', 'SECRET_KEY_BASE64', 'api_key', 'JWT_SECRET', 'PRIVATE_KEY'])
    t.ok(isSecretKey(key), key)
  for (const key of ['DB_PASSWORD_FILE', 'TOKENS_PER_DAY', 'PASSWORD_POLICY', 'HOST'])
    t.notOk(isSecretKey(key), key)
})
