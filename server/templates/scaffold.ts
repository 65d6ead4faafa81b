/** A first template to start from: runs as it is, passes the check, and shows where everything goes. */
import { SummonerError } from '../errors.ts'

export interface ScaffoldWish {
  name: string
  /** `repository:tag`; nginx where nothing is said. */
  image?: string
  port?: number
  database?: 'postgres' | 'mariadb'
}

const NGINX = 'nginx:1.30.4-alpine'

/** path -> text of the new folder. */
export function scaffold({ name, image = NGINX, port, database }: ScaffoldWish): Record<string, string> {
  const found = /^([a-z0-9][a-z0-9._/:-]*):([A-Za-z0-9_][A-Za-z0-9_.-]{0,127})$/.exec(image)
  if (!found || !/\d+\.\d+|\d{4}-\d{2}-\d{2}|\d{6,}/.test(found[2] ?? ''))
    throw new SummonerError(
      'input.invalid',
      `"${image.slice(0, 120)}" is not an image with an exact version, such as ${NGINX}.`,
    )
  const [, repository = '', tag = ''] = found
  const plan = {
    name,
    key: name.toUpperCase().replaceAll('-', '_'),
    repository,
    tag,
    pattern: patternOf(tag),
    port: port ?? 80,
    nginx: image === NGINX,
    database,
  }
  return { 'compose.yml': composeOf(plan), 'minion.yml': minionOf(plan) }
}

interface Plan {
  name: string
  key: string
  repository: string
  tag: string
  pattern: string
  port: number
  nginx: boolean
  database: ScaffoldWish['database']
}

/** Same first number, any later ones: `^1\.\d+\.\d+-alpine$`. */
function patternOf(tag: string): string {
  let numbers = 0
  const text = tag.replaceAll(/\d+|[.*+?^${}()|[\]\\]/g, (part) => {
    if (!/^\d/.test(part)) return `\\${part}`
    numbers += 1
    return numbers === 1 || numbers > 3 ? part : '\\d+'
  })
  return `^${text}$`
}

function composeOf({ name, key, repository, port, nginx, database }: Plan): string {
  const folder = nginx ? '/usr/share/nginx/html:ro' : '/data'
  const secrets =
    database === undefined
      ? []
      : ['      DATABASE_HOST: database', `      DATABASE_PASSWORD: \${${key}_DB_PASSWORD}`]
  return `${[
    'services:',
    `  ${name}:`,
    `    image: ${repository}:\${${key}_VERSION}`,
    ...(database ? ['    depends_on:', '      database:', '        condition: service_healthy'] : []),
    '    environment:',
    '      VIRTUAL_HOST: ${HOST}',
    `      VIRTUAL_PORT: "${port}"`,
    '      LETSENCRYPT_HOST: ${HOST}',
    '      LETSENCRYPT_EMAIL: ${LETSENCRYPT_EMAIL}',
    ...secrets,
    '    volumes:',
    `      # What must outlive the container; the same folder stands under "data" in minion.yml.`,
    `      - \${VOLUME_STORAGE_ROOT}/\${MINION}/data:${folder}`,
    '    stop_grace_period: 30s',
    '    healthcheck:',
    '      # Ask the service itself, with a program that its image has.',
    `      test: ["CMD", "${nginx ? 'curl", "-sS", "-o", "/dev/null' : 'wget", "-q", "-O", "/dev/null'}", "http://127.0.0.1:${port}/"]`,
    '      interval: 5s',
    '      timeout: 5s',
    '      retries: 12',
    '      start_period: 30s',
    ...databaseService(key, database),
  ].join('\n')}\n`
}

function databaseService(key: string, database: ScaffoldWish['database']): string[] {
  if (database === undefined) return []
  const postgres = database === 'postgres'
  const test = postgres
    ? '["CMD", "pg_isready", "-q", "-h", "127.0.0.1", "-U", "app", "-d", "app"]'
    : '["CMD", "healthcheck.sh", "--connect", "--innodb_initialized"]'
  return [
    '  database:',
    `    image: ${database}:\${${key}_DATABASE_VERSION}`,
    '    environment:',
    ...(postgres
      ? [
          '      POSTGRES_USER: app',
          '      POSTGRES_DB: app',
          `      POSTGRES_PASSWORD: \${${key}_DB_PASSWORD}`,
        ]
      : [
          `      MARIADB_ROOT_PASSWORD: \${${key}_DB_ROOT_PASSWORD}`,
          '      MARIADB_DATABASE: app',
          '      MARIADB_USER: app',
          `      MARIADB_PASSWORD: \${${key}_DB_PASSWORD}`,
        ]),
    '    volumes:',
    `      - \${DATABASE_STORAGE_ROOT}/\${MINION}/database:${postgres ? '/var/lib/postgresql/data' : '/var/lib/mysql'}`,
    '    stop_grace_period: 90s',
    '    healthcheck:',
    `      test: ${test}`,
    '      interval: 2s',
    '      timeout: 5s',
    '      retries: 30',
    '      start_period: 60s',
  ]
}

function minionOf({ name, key, repository, tag, pattern, port, nginx, database }: Plan): string {
  const image = (service: string, lines: string[]) => [`  ${service}:`, ...lines.map((line) => `    ${line}`)]
  const password = (id: string, en: string, fr: string) => [
    `  - id: ${id}`,
    '    type: password',
    `    label: { en: ${en}, fr: ${fr} }`,
    '    generate: { length: 32 }',
    '    secret: true',
    '    immutable: true',
  ]
  const postgres = database === 'postgres'
  return `${[
    `name: ${name}`,
    'summary:',
    `  en: What ${name} is good for`,
    `  fr: Ce que ${name} apporte`,
    'category: own',
    'links:',
    '  home: https://example.org/',
    'revision: 1',
    'images:',
    ...image(name, [
      `repository: ${repository}`,
      `tag: ${tag}`,
      `# The tags that may follow this one.`,
      `pattern: ${pattern}`,
      `variable: ${key}_VERSION`,
      ...(nginx ? ['distro:', '  context: ../.distro/nginx', "  version: '1.26'"] : []),
    ]),
    ...(database
      ? image('database', [
          `repository: ${database}`,
          `tag: ${postgres ? '17.11-trixie' : '11.8.8'}`,
          `pattern: ${postgres ? '^17\\.\\d+-trixie$' : '^11\\.8\\.\\d+$'}`,
          `variable: ${key}_DATABASE_VERSION`,
          'distro:',
          `  context: ../.distro/${postgres ? 'postgresql' : 'mariadb'}`,
          `  version: '${postgres ? '17' : '11.8'}'`,
        ])
      : []),
    ...(database
      ? [
          'inputs:',
          ...password(`${key}_DB_PASSWORD`, 'Password of the database', 'Mot de passe de la base'),
          ...(postgres
            ? []
            : password(
                `${key}_DB_ROOT_PASSWORD`,
                'Root password of the database',
                'Mot de passe root de la base',
              )),
        ]
      : []),
    'web:',
    `  - service: ${name}`,
    `    port: ${port}`,
    'health:',
    '  path: /',
    `  status: [200${nginx ? ', 403' : ''}]`,
    '  start_period: 120',
    'data:',
    `  - service: ${name}`,
    '    path: ${VOLUME_STORAGE_ROOT}/${MINION}/data',
    '    kind: files',
    "    owner: '0:0'",
    "    mode: '0755'",
    ...(database
      ? [
          '  - service: database',
          '    path: ${DATABASE_STORAGE_ROOT}/${MINION}/database',
          '    kind: database',
          "    owner: '999:999'",
          `    mode: '${postgres ? '0700' : '0750'}'`,
          'dumps:',
          '  - service: database',
          `    engine: ${database}`,
          '    database: app',
          '    user: app',
          `    password_env: ${key}_DB_PASSWORD`,
        ]
      : []),
    'backup:',
    '  consistency: hot',
    'verify:',
    `  - http: { path: /, status: [200${nginx ? ', 403' : ''}] }`,
    'resources:',
    `  memory: ${database ? 512 : 256}`,
    '  disk: 500',
    ...(database
      ? ['  services:', `    ${name}: { memory: 256, pids: 100 }`, '    database: { memory: 256, pids: 200 }']
      : []),
    'notes:',
    '  en: What a person should know after the first start.',
    '  fr: Ce qu’il faut savoir après le premier démarrage.',
    '# How `summoner template test` tries it: docs/templates.md.',
    'level:',
    '  sign_in:',
    `    - { path: /, as: nobody, status: [200${nginx ? ', 403' : ''}] }`,
  ].join('\n')}\n`
}
