import t, { type Test } from 'tap'
import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * A stand-in must end where the real image would: with its words and an exit code, for every variable that is missing or
 * wrong, so that a template which forgets one fails here too. None of these gets as far as its database.
 */
const IMAGE = 'summoner-test/stand-ins:1'
const JDBC = 'jdbc:postgresql://postgres:5432/sonarqube'

interface Case {
  what: string
  env?: Record<string, string>
  part?: string
  command?: string[]
  user?: string
  says: RegExp
}

const CASES: Record<string, Case[]> = {
  elastic: [
    {
      part: 'elasticsearch',
      what: 'discovery is not settled',
      says: /default discovery settings are unsuitable/,
    },
    {
      part: 'elasticsearch',
      what: 'its data belongs to somebody else',
      env: { 'discovery.type': 'single-node' },
      user: '1000:0',
      says: /AccessDeniedException/,
    },
    {
      part: 'kibana',
      what: 'it signs in as the superuser',
      env: { ELASTICSEARCH_USERNAME: 'elastic' },
      says: /value of "elastic" is forbidden/,
    },
    {
      part: 'kibana',
      what: 'the key is too short',
      env: { ELASTICSEARCH_USERNAME: 'kibana_system', XPACK_ENCRYPTEDSAVEDOBJECTS_ENCRYPTIONKEY: 'short' },
      says: /minimum length of \[32\]/,
    },
    {
      part: 'logstash',
      what: 'a variable of the pipeline is missing',
      says: /cannot evaluate \$\{LOGSTASH_PASSWORD\}/,
    },
  ],
  forgejo: [
    { what: 'no database is named', says: /ORM engine initialization failed/ },
    {
      what: 'its command is run as root',
      command: ['forgejo', 'admin', 'user', 'list'],
      says: /not supposed to be run as root/,
    },
  ],
  gitlab: [
    { what: 'external_url is not set', says: /external_url is not set/ },
    {
      what: 'the variable that it reads is missing',
      env: { GITLAB_OMNIBUS_CONFIG: "external_url ENV.fetch('SITE_URL')" },
      says: /key not found: "SITE_URL"/,
    },
    {
      what: 'the password of root is too short',
      env: {
        GITLAB_OMNIBUS_CONFIG: "external_url ENV.fetch('SITE_URL')",
        SITE_URL: 'https://g.example',
        GITLAB_ROOT_PASSWORD: 'short',
      },
      says: /Password is too short/,
    },
  ],
  'gitlab-runner': [
    { command: ['gitlab-runner', 'register'], what: 'no GitLab is named', says: /Invalid URL/ },
    {
      command: ['gitlab-runner', 'register'],
      what: 'the token is of the old kind',
      env: { CI_SERVER_URL: 'https://g.example', CI_SERVER_TOKEN: 'GR1348941' },
      says: /is not valid/,
    },
  ],
  mattermost: [
    { what: 'no database is named', says: /Failed to ping DB/ },
    {
      what: 'it is MySQL',
      env: { MM_SQLSETTINGS_DRIVERNAME: 'mysql' },
      says: /only supported database driver is postgres/,
    },
    {
      what: 'its folders belong to somebody else',
      env: { MM_SQLSETTINGS_DATASOURCE: 'postgres://m:p@postgres:5432/m' },
      user: '2000:2000',
      says: /permission denied/,
    },
  ],
  n8n: [
    { part: 'runners', what: 'no broker is named', says: /N8N_RUNNERS_TASK_BROKER_URI is required/ },
    {
      part: 'runners',
      what: 'the shared word is missing',
      env: { N8N_RUNNERS_TASK_BROKER_URI: 'http://n8n:5679' },
      says: /N8N_RUNNERS_AUTH_TOKEN is required/,
    },
  ],
  portainer: [{ command: ['portainer'], what: 'it has no engine', says: /unable to reach the environment/ }],
  sonarqube: [
    {
      what: 'the driver is another one',
      env: { SONAR_JDBC_URL: 'jdbc:mysql://mysql/sonar' },
      says: /Unsupported JDBC driver/,
    },
    {
      what: 'its folders belong to somebody else',
      env: { SONAR_JDBC_URL: JDBC },
      user: '1000:0',
      says: /Fail to create directory/,
    },
  ],
  taiga: [
    { part: 'back', what: 'the key is missing', says: /SECRET_KEY setting must not be empty/ },
    {
      part: 'back',
      what: 'no database is named',
      env: { TAIGA_SECRET_KEY: 'key' },
      says: /OperationalError/,
    },
    { part: 'front', what: 'its address is missing', says: /TAIGA_URL is empty/ },
    { part: 'protected', what: 'the key is missing', says: /KeyError: SECRET_KEY/ },
  ],
  vaultwarden: [
    {
      what: 'the domain has no scheme',
      env: { DOMAIN: 'v.example' },
      says: /DOMAIN variable needs to contain the protocol/,
    },
    {
      what: 'half of the mail settings are there',
      env: { SMTP_HOST: 'mail' },
      says: /Both `SMTP_HOST` and `SMTP_FROM`/,
    },
  ],
  wekan: [
    { what: 'no database is named', says: /MONGO_URL must be set/ },
    { what: 'its address is missing', env: { MONGO_URL: 'mongodb://m/w' }, says: /ROOT_URL/ },
    {
      what: 'it has no folder',
      env: { MONGO_URL: 'mongodb://m/w', ROOT_URL: 'https://w.example' },
      says: /WRITABLE_PATH is not set/,
    },
  ],
  wikijs: [
    { what: 'the kind of database is missing', says: /Invalid DB Type/ },
    { what: 'its host is missing', env: { DB_TYPE: 'postgres' }, says: /DB host is missing/ },
  ],
}

function docker(args: string[]): Promise<{ code: number; said: string }> {
  return new Promise((resolve) => {
    execFile('docker', args, { timeout: 120_000 }, (error, stdout, stderr) => {
      const code = error ? (typeof error.code === 'number' ? error.code : -1) : 0
      resolve({ code, said: stdout + stderr })
    })
  })
}

async function refuses(t: Test, contract: string, { what, env = {}, part, command, user, says }: Case) {
  const variables = { STAND_IN: contract, ...(part ? { STAND_IN_PART: part } : {}), ...env }
  const { code, said } = await docker([
    'run',
    '--rm',
    '--network',
    'none',
    ...(user ? ['--user', user] : []),
    ...Object.entries(variables).flatMap(([name, value]) => ['--env', `${name}=${value}`]),
    IMAGE,
    ...(command ?? ['serve']),
  ])
  t.match({ code, said }, { code: 1, said: says }, `${contract}${part ? ` ${part}` : ''}: ${what}`)
}

t.before(async () => {
  const dir = t.testdir()
  const root = join(dir, 'root/stand-in')
  mkdirSync(root, { recursive: true })
  const from = join(import.meta.dirname, 'stand-ins')
  cpSync(join(from, 'stand_in.py'), join(root, 'stand_in.py'))
  cpSync(join(from, 'contracts'), join(root, 'contracts'), { recursive: true })
  writeFileSync(
    join(dir, 'Dockerfile'),
    [
      'FROM summoner/base:trixie',
      // the same step as in every stand-in, so that they share its layer
      'RUN apt-get update && apt-get install -y python3 python3-psycopg python3-pymysql python3-pymongo curl wget && rm -rf /var/lib/apt/lists/*',
      'COPY root/ /',
      'ENV PYTHONDONTWRITEBYTECODE=1',
      'ENTRYPOINT ["python3", "/stand-in/stand_in.py"]',
      '',
    ].join('\n'),
  )
  const built = await docker(['build', '--network', 'host', '--tag', IMAGE, dir])
  if (built.code !== 0) throw new Error(built.said.slice(-2000))
})

for (const [contract, cases] of Object.entries(CASES))
  t.test(contract, { timeout: 120_000 }, async (t) => {
    for (const one of cases) await refuses(t, contract, one)
  })
