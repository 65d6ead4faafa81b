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
])

/** The grants that hold for one minion: those of a shipped template, and those a person gave in config.yml. */
export function grantsOf(
  template: string,
  asked: readonly { what: string }[],
  granted: readonly string[],
): string[] {
  return BUILT_IN.has(template) ? [...asked.map(({ what }) => what), ...granted] : [...granted]
}
