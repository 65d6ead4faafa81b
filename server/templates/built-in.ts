/** Templates that come with Summoner: what their minion.yml asks for was reviewed with it. */
export const BUILT_IN: ReadonlySet<string> = new Set([
  'nginx',
  'statik',
  'wordpress',
  'ghost',
  'adminer',
  'dokuwiki',
  'registry',
  'mediawiki',
  'redmine',
  'forgejo',
  'gitlab',
  'kanboard',
  'mailpit',
  'matomo',
  'mattermost',
  'n8n',
  'nextcloud',
  'phpmyadmin',
  'sonarqube',
  'taiga',
  'uptime-kuma',
  'vaultwarden',
  'wekan',
  'wikijs',
  'elastic',
  'gitlab-runner',
  'portainer',
  'databases-mariadb',
  'databases-mysql',
  'databases-postgres',
])

/** Powers that amount to the whole server: a person names them, whoever wrote the template. */
const ALWAYS_ASKED = /^(docker\.sock|privileged|path:\/var\/lib\/docker)/

/** The grants that hold for one minion: those of a shipped template, and those a person gave in config.yml. */
export function grantsOf(
  template: string,
  asked: readonly { what: string }[],
  granted: readonly string[],
): string[] {
  if (!BUILT_IN.has(template)) return [...granted]
  return [...asked.map(({ what }) => what).filter((what) => !ALWAYS_ASKED.test(what)), ...granted]
}
