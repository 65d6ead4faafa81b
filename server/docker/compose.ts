/** Pure argv of `docker compose`; nothing here runs anything. */

export interface ComposeProject {
  project: string
  /** The rendered instance folder. */
  dir: string
  /** Further files of that folder, laid over the two in this order. */
  layers?: readonly string[]
}

const base = ({ project, dir, layers = [] }: ComposeProject) => [
  'docker',
  'compose',
  '--project-name',
  project,
  '--project-directory',
  dir,
  '--file',
  `${dir}/compose.yml`,
  '--file',
  `${dir}/compose.override.yml`,
  ...layers.flatMap((file) => ['--file', `${dir}/${file}`]),
  '--env-file',
  `${dir}/.env`,
  '--progress',
  'plain',
]

/** Images are there already (`images/` saw to it), so compose never reaches for a registry by itself. `recreate`: also what compose itself sees no reason to. */
export function up(
  project: ComposeProject,
  options: { recreate?: boolean; services?: readonly string[]; start?: boolean } = {},
): string[] {
  return [
    ...base(project),
    'up',
    // networks and containers without a start: something else has to join them first
    options.start === false ? '--no-start' : '--detach',
    '--remove-orphans',
    '--pull',
    'never',
    '--no-build',
    ...(options.recreate ? ['--force-recreate'] : []),
    ...(options.services ?? []),
  ]
}

/** Containers that are there, in the order in which they wait for each other. */
export function start(project: ComposeProject, services: readonly string[]): string[] {
  return [...base(project), 'start', ...services]
}

/** Containers and networks go; data lies in bind mounts and stays. */
export function down(project: ComposeProject, timeoutSeconds = 60): string[] {
  return [...base(project), 'down', '--remove-orphans', '--timeout', String(timeoutSeconds)]
}

export function stop(project: ComposeProject, timeoutSeconds = 60): string[] {
  return [...base(project), 'stop', '--timeout', String(timeoutSeconds)]
}

export function build(project: ComposeProject): string[] {
  return [...base(project), 'build']
}

/** What compose itself understands, as JSON: the last check before anything runs. */
export function config(project: ComposeProject): string[] {
  return [...base(project), 'config', '--format', 'json']
}
