/** The only reader of `process.env`: where this box lives on disk, and what the host gives its builds. */
import { readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'

export interface Environment {
  /** The checkout: templates, web pages and scripts lie here. */
  home: string
  configFile: string
  minionsDir: string
  /** Rendered minions, sockets, proxy tree, certificates, SQLite; see {@link directories}. */
  dataDir: string
  /** Public ports; 80 and 443 on a real box, others in tests. */
  httpPort: number
  httpsPort: number
  /** Prefix of compose project names; empty on a real box, so that two test boxes can share an engine. */
  projectPrefix: string
  engineSocket: string
  /** Proxy settings and CA bundle handed on to image builds and pulls. */
  network: { httpProxy?: string; httpsProxy?: string; noProxy?: string; caBundle?: string }
  logLevel: string
}

/** Values come from the process environment first, then from `~/.summoner` (KEY=value lines written by install.sh). */
export function readEnvironment(env: NodeJS.ProcessEnv = process.env): Environment {
  const settings = {
    ...readSettings(env['SUMMONER_SETTINGS'] ?? join(homedir(), '.summoner')),
    ...definedOf(env),
  }
  const home = resolve(settings['SUMMONER_HOME'] ?? join(import.meta.dirname, '../..'))
  const caBundle =
    settings['SSL_CERT_FILE'] ?? settings['NODE_EXTRA_CA_CERTS'] ?? '/etc/ssl/certs/ca-certificates.crt'
  return {
    home,
    configFile: resolve(settings['SUMMONER_CONFIG_FILE'] ?? join(home, 'config.yml')),
    minionsDir: resolve(settings['MINIONS_DIR'] ?? join(home, 'minions')),
    dataDir: resolve(settings['SUMMONER_DATA_DIR'] ?? join(home, 'data')),
    httpPort: Number(settings['SUMMONER_HTTP_PORT'] ?? 80),
    httpsPort: Number(settings['SUMMONER_HTTPS_PORT'] ?? 443),
    projectPrefix: settings['SUMMONER_PROJECT_PREFIX'] ?? '',
    engineSocket: (settings['DOCKER_HOST'] ?? '').replace(/^unix:\/\//, '') || '/var/run/docker.sock',
    network: pruned({
      httpProxy: settings['http_proxy'] ?? settings['HTTP_PROXY'],
      httpsProxy: settings['https_proxy'] ?? settings['HTTPS_PROXY'],
      noProxy: settings['no_proxy'] ?? settings['NO_PROXY'],
      caBundle,
    }),
    logLevel: settings['SUMMONER_LOG_LEVEL'] ?? 'info',
  }
}

/** How the command line reaches the daemon, and whether its terminal wants colours. */
export interface ClientEnvironment {
  /** Another machine's daemon: `https://summoner.example.org`; absent for the admin socket of this one. */
  url?: string
  token?: string
  color: boolean
}

export function readClientEnvironment(env: NodeJS.ProcessEnv = process.env): ClientEnvironment {
  const { SUMMONER_URL: url, SUMMONER_TOKEN: token, NO_COLOR: noColor, TERM: term } = env
  return { ...(url ? { url } : {}), ...(token ? { token } : {}), color: !noColor && term !== 'dumb' }
}

/** Every folder below `dataDir`; the names are the contract of design §4 "On disk". */
export function directories(dataDir: string) {
  return {
    data: dataDir,
    minions: join(dataDir, 'minions'),
    run: join(dataDir, 'run'),
    adminSocket: join(dataDir, 'run/admin/api.sock'),
    webSocket: join(dataDir, 'run/web/web.sock'),
    proxy: join(dataDir, 'proxy'),
    certificates: join(dataDir, 'certificates'),
    dumps: join(dataDir, 'dumps'),
    backups: join(dataDir, 'backups'),
    state: join(dataDir, 'state'),
    /** What was brought up of each minion. */
    records: join(dataDir, 'state/minions'),
    archives: join(dataDir, 'backups/archives'),
  }
}
export type Directories = ReturnType<typeof directories>

function readSettings(file: string): Record<string, string> {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch {
    return {}
  }
  const settings: Record<string, string> = {}
  for (const line of text.split('\n')) {
    const match = /^(?:export )?([A-Za-z_]+)=(.*)$/.exec(line.trim())
    if (match?.[1]) settings[match[1]] = (match[2] ?? '').replace(/^(["'])(.*)\1$/, '$2')
  }
  return settings
}

function definedOf(env: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  )
}

function pruned(network: Record<string, string | undefined>): Environment['network'] {
  return definedOf(network)
}
