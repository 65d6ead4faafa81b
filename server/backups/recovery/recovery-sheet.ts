/** The recovery sheet: on paper, what brings the box back on another server, and the data back without Summoner. Pure. */
import { sftpPlace } from '../destinations/address.ts'
import type { Destination } from '../settings.ts'

export interface SheetFacts {
  /** Id of the box: a destination may hold several. */
  box: string
  domain: string
  at: string
  /** Of every repository of this box. */
  password: string
  /** The repository on the server itself. */
  here: string
  destinations: readonly {
    destination: Destination
    /** Variables with their values. */
    env: Record<string, string>
    key?: string
  }[]
  /** Minions, and where their folders lie on the server. */
  minions: readonly { name: string; folders: readonly string[] }[]
}

export function recoverySheet(facts: SheetFacts): string {
  const { domain, at, box, password, here, destinations, minions } = facts
  const [first] = destinations
  const from = first?.destination.to ?? here
  return [
    `RECOVERY SHEET of ${domain}`,
    `Written ${at}. Whoever holds this sheet can read every backup: keep it off the server, where you keep keys.`,
    '',
    `Password of every repository: ${password}`,
    '',
    ...(destinations.length === 0
      ? [
          'There is no copy off this server: when its disk is lost, so are the backups.',
          'Name a destination under `backups.destinations` in config.yml, then print this sheet again.',
          '',
        ]
      : []),
    `Repository on the server: ${here}`,
    ...destinations.flatMap(({ destination: { name, to, host_key }, env, key }) => [
      `Destination ${name}: ${to}`,
      ...Object.entries(env).map(([variable, value]) => `  ${variable}=${value}`),
      ...(host_key ? [`  The server's key: ${host_key}`] : []),
      ...(key ? ['  The key to sign in with, a file of mode 0600:', ...key.trim().split('\n')] : []),
    ]),
    '',
    'A. THE WHOLE BOX ON A NEW SERVER (Debian or Ubuntu, as root)',
    '',
    '  git clone <the repository of Summoner> /root/Summoner && cd /root/Summoner',
    ...exportsOf(first),
    `  export SUMMONER_RESTORE_BOX=${box}`,
    `  ./install.sh --restore-from ${quoted(from)}`,
    '',
    '  It asks for the password above, brings back the box and then every minion with its newest set.',
    `  Then let ${domain} and its sub-domains point at the new server.`,
    '',
    'B. THE DATA WITHOUT SUMMONER (any Linux, as root)',
    '',
    `  apt-get install restic zstd${from.startsWith('sftp:') ? ' openssh-client' : ''}${from.startsWith('rclone:') ? ' rclone' : ''}`,
    ...exportsOf(first),
    `  export RESTIC_REPOSITORY=${quoted(withPassword(from, first?.env ?? {}))}`,
    `  export RESTIC_PASSWORD=${quoted(password)}`,
    '  restic snapshots --tag part=data           # the sets: minion=NAME, set=NAME-DATE-TIME',
    ...minions.flatMap(({ name, folders }) => [
      `  restic restore latest --tag box=${box},minion=${name},part=data --target /srv/back/${name}`,
      ...folders.map((folder) => `      # ${folder} is then at /srv/back/${name}${folder}`),
    ]),
    `  restic restore latest --tag box=${box},minion=summoner,part=data --target /srv/back/summoner`,
    '      # config.yml, secrets, certificates and the history of the box',
    '',
    '  Files keep owners, modes and times when root restores them. Beside the folders lie the dumps of the databases:',
    '      find /srv/back -name "*-dump.*.zst"; zstd -dc FILE gives the SQL (or archive) for the client of that database.',
    '  A minion runs by hand from its folder below data/minions, which holds compose.yml and .env:',
    '      put its folders back at the paths above, then: docker compose -p NAME up -d',
    '',
  ].join('\n')
}

function exportsOf(first: SheetFacts['destinations'][number] | undefined): string[] {
  if (!first) return []
  const { destination, env, key } = first
  const place = sftpPlace(destination.to)
  return [
    ...Object.entries(env).map(([name, value]) => `  export ${name}=${quoted(value)}`),
    ...(place && key
      ? [
          '  # the key above, as the file /root/.ssh/kit (mode 0600), and in /root/.ssh/config:',
          `  #   Host ${place.host}`,
          '  #     IdentityFile /root/.ssh/kit',
        ]
      : []),
  ]
}

/** Older restic reads the two variables of a REST server from nowhere but the address. */
function withPassword(to: string, env: Record<string, string>): string {
  const { RESTIC_REST_USERNAME: user, RESTIC_REST_PASSWORD: word } = env
  if (!to.startsWith('rest:') || !user) return to
  const url = new URL(to.slice('rest:'.length))
  url.username = encodeURIComponent(user)
  url.password = encodeURIComponent(word ?? '')
  return `rest:${url.href}`
}

const quoted = (text: string): string =>
  /^[A-Za-z0-9_./:@=+-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`
