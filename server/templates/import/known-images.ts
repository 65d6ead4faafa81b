/** What is known of common images: which tag to pin, where the data lies, how to ask for health. */

export interface KnownImage {
  /** Every spelling of the repository, shortest first. */
  repositories: string[]
  /** Newest series first; the first is the suggestion. `when` matches a partial tag such as `8` or `16-alpine`. */
  series: { when: RegExp; tag: string; pattern: string }[]
  engine?: 'mariadb' | 'mysql' | 'postgres' | 'mongodb' | 'redis'
  /** Folders whose content is kept; `${major}` decides for PostgreSQL, see `dataPaths`. */
  data?: string[]
  port?: number
  health?: readonly string[]
  /** Variables that carry the public address; set where the file leaves them out or says localhost. */
  address?: Record<string, string>
  /** The same software built from distribution packages, shared by the templates that come with Summoner. */
  distro?: { folder: string; version: string }
  /** Where the web application says that it is ready. */
  path?: string
  /** MiB. */
  memory: number
  /** uid:gid of the data, where the image does not see to it itself. */
  owner?: string
  /** Variables the image does not start without; generated when the file has none. */
  required?: string[]
}

const any = /^/
const series = (tag: string, pattern: string, when: RegExp = any) => ({ when, tag, pattern })

export const KNOWN_IMAGES: readonly KnownImage[] = [
  {
    repositories: ['mariadb'],
    series: [
      series('11.8.8', '^11\\.8\\.\\d+$', /^(latest|lts|11|11\.8)$/),
      series('12.3.2', '^12\\.3\\.\\d+$', /^12(\.3)?$/),
      series('11.4.12', '^11\\.4\\.\\d+$', /^11\.4$/),
      series('10.11.18', '^10\\.11\\.\\d+$', /^10(\.11)?$/),
    ],
    engine: 'mariadb',
    data: ['/var/lib/mysql'],
    port: 3306,
    health: ['CMD', 'healthcheck.sh', '--connect', '--innodb_initialized'],
    memory: 512,
    required: ['MARIADB_ROOT_PASSWORD'],
    distro: { folder: 'mariadb', version: '11.8' },
  },
  {
    repositories: ['mysql'],
    series: [
      series('8.4.11', '^8\\.4\\.\\d+$', /^(latest|lts|8|8\.4|5|5\.7|8\.0)$/),
      series('9.7.2', '^9\\.7\\.\\d+$', /^9(\.7)?$/),
    ],
    engine: 'mysql',
    data: ['/var/lib/mysql'],
    port: 3306,
    health: ['CMD-SHELL', 'mysql -h127.0.0.1 -uroot -p"$$MYSQL_ROOT_PASSWORD" -e "SELECT 1" >/dev/null'],
    memory: 768,
    required: ['MYSQL_ROOT_PASSWORD'],
  },
  {
    repositories: ['postgres'],
    series: [
      series('17.11-trixie', '^17\\.\\d+-trixie$', /^(latest|17)$/),
      series('18.6-trixie', '^18\\.\\d+-trixie$', /^18$/),
      series('16.15-trixie', '^16\\.\\d+-trixie$', /^16$/),
      series('15.19-trixie', '^15\\.\\d+-trixie$', /^15$/),
      series('17.11-alpine3.24', '^17\\.\\d+-alpine3\\.24$', /^(17-)?alpine$/),
      series('16.15-alpine3.24', '^16\\.\\d+-alpine3\\.24$', /^16-alpine$/),
    ],
    engine: 'postgres',
    data: ['/var/lib/postgresql/data'],
    port: 5432,
    health: ['CMD-SHELL', 'pg_isready -h 127.0.0.1 -U "$${POSTGRES_USER:-postgres}"'],
    memory: 256,
    required: ['POSTGRES_PASSWORD'],
  },
  {
    repositories: ['mongo'],
    series: [
      series('8.0.29', '^8\\.0\\.\\d+$', /^(latest|8|8\.0)$/),
      series('7.0.40', '^7\\.0\\.\\d+$', /^7(\.0)?$/),
    ],
    engine: 'mongodb',
    data: ['/data/db', '/data/configdb'],
    port: 27017,
    health: ['CMD', 'mongosh', '--quiet', '--eval', "quit(db.adminCommand('ping').ok ? 0 : 1)"],
    memory: 512,
  },
  {
    repositories: ['redis'],
    series: [
      series('8.10.1-alpine', '^8\\.\\d+\\.\\d+-alpine$', /^(latest|alpine|8(-alpine)?)$/),
      series('7.4.11-alpine', '^7\\.4\\.\\d+-alpine$', /^7(\.4)?(-alpine)?$/),
      series('6.2.24-alpine', '^6\\.2\\.\\d+-alpine$', /^6(\.2)?(-alpine)?$/),
    ],
    engine: 'redis',
    data: ['/data'],
    port: 6379,
    health: ['CMD', 'redis-cli', 'ping'],
    memory: 128,
  },
  {
    repositories: ['valkey/valkey'],
    series: [series('8.1.4-alpine', '^8\\.\\d+\\.\\d+-alpine$', /^(latest|alpine|8(\.1)?(-alpine)?)$/)],
    engine: 'redis',
    data: ['/data'],
    port: 6379,
    health: ['CMD', 'valkey-cli', 'ping'],
    memory: 128,
  },
  {
    repositories: ['nginx'],
    series: [
      series('1.30.4-alpine', '^1\\.30\\.\\d+-alpine$', /^(latest|stable|alpine|stable-alpine|1|1-alpine)$/),
    ],
    port: 80,
    health: ['CMD', 'curl', '-sS', '-o', '/dev/null', 'http://127.0.0.1/'],
    distro: { folder: 'nginx', version: '1.26' },
    memory: 64,
  },
  {
    repositories: ['httpd'],
    series: [series('2.4.68-alpine', '^2\\.4\\.\\d+-alpine$', /^(latest|alpine|2|2\.4)(-alpine)?$/)],
    port: 80,
    memory: 128,
  },
  {
    repositories: ['wordpress'],
    series: [
      series('7.1.0-php8.3-apache', '^7\\.\\d+(\\.\\d+)?-php8\\.3-apache$', /^(latest|7|apache|7-apache)$/),
    ],
    data: ['/var/www/html'],
    port: 80,
    path: '/wp-login.php',
    memory: 512,
  },
  {
    repositories: ['ghost'],
    series: [series('6.59.0', '^6\\.\\d+\\.\\d+$', /^(latest|6)$/)],
    data: ['/var/lib/ghost/content'],
    address: { url: '${URL}' },
    port: 2368,
    memory: 1024,
  },
  {
    repositories: ['nextcloud'],
    series: [series('34.0.3-apache', '^34\\.\\d+\\.\\d+-apache$', /^(latest|stable|apache|34(-apache)?)$/)],
    data: ['/var/www/html'],
    port: 80,
    path: '/status.php',
    address: { NEXTCLOUD_TRUSTED_DOMAINS: '${HOST}', OVERWRITECLIURL: '${URL}' },
    memory: 1024,
  },
  {
    repositories: ['registry'],
    series: [series('3.1.1', '^3\\.\\d+\\.\\d+$', /^(latest|3)$/)],
    data: ['/var/lib/registry'],
    port: 5000,
    memory: 128,
  },
  {
    repositories: ['mattermost/mattermost-team-edition', 'mattermost/mattermost-enterprise-edition'],
    series: [series('11.7.9', '^11\\.7\\.\\d+$', /^(latest|11|release-11)$/)],
    data: ['/mattermost/config', '/mattermost/data', '/mattermost/logs', '/mattermost/plugins'],
    port: 8065,
    path: '/api/v4/system/ping',
    address: { MM_SERVICESETTINGS_SITEURL: '${URL}' },
    owner: '2000:2000',
    memory: 1024,
  },
  {
    repositories: ['gitlab/gitlab-ce'],
    series: [series('19.3.0-ce.0', '^19\\.\\d+\\.\\d+-ce\\.0$', /^(latest|19)$/)],
    data: ['/etc/gitlab', '/var/opt/gitlab', '/var/log/gitlab'],
    port: 80,
    path: '/-/readiness',
    memory: 8192,
  },
  {
    repositories: ['wekanteam/wekan', 'ghcr.io/wekan/wekan', 'quay.io/wekan/wekan'],
    series: [series('v11.07', '^v11\\.\\d{2,}$', /^(latest|v11)$/)],
    data: ['/data'],
    port: 8080,
    address: { ROOT_URL: '${URL}' },
    memory: 1024,
  },
  {
    repositories: ['gitea/gitea', 'docker.gitea.com/gitea'],
    series: [series('1.27.2', '^1\\.27\\.\\d+$', /^(latest|1|1\.27)$/)],
    data: ['/data'],
    port: 3000,
    path: '/api/healthz',
    address: { GITEA__server__ROOT_URL: '${URL}/' },
    memory: 512,
  },
  {
    repositories: ['vaultwarden/server'],
    series: [series('1.37.1', '^1\\.\\d+\\.\\d+$', /^(latest|1)$/)],
    data: ['/data'],
    port: 80,
    path: '/alive',
    address: { DOMAIN: '${URL}' },
    memory: 256,
  },
  {
    repositories: ['n8nio/n8n', 'docker.n8n.io/n8nio/n8n'],
    series: [series('2.36.5', '^2\\.\\d+\\.\\d+$', /^(latest|2|stable)$/)],
    data: ['/home/node/.n8n'],
    port: 5678,
    path: '/healthz',
    address: { WEBHOOK_URL: '${URL}/' },
    owner: '1000:1000',
    memory: 1024,
  },
  {
    repositories: ['axllent/mailpit'],
    series: [series('v1.30.5', '^v1\\.\\d+\\.\\d+$', /^(latest|v1)$/)],
    data: ['/data'],
    port: 8025,
    path: '/livez',
    memory: 128,
  },
]

/** `docker.io/library/postgres` and `postgres` are the same image. */
export function knownImage(repository: string): KnownImage | undefined {
  const short = repository.replace(/^(index\.)?docker\.io\//, '').replace(/^library\//, '')
  return KNOWN_IMAGES.find((image) => image.repositories.includes(short))
}

/** PostgreSQL moved its volume with release 18. */
export function dataPaths(image: KnownImage, tag: string): string[] {
  if (image.engine === 'postgres' && Number.parseInt(tag, 10) >= 18) return ['/var/lib/postgresql']
  return image.data ?? []
}
