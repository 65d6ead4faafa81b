/**
 * Puts stand-ins behind the templates of applications that cannot be built here: each service whose image only a registry
 * has gets a build of its own in the box's folder of templates, and minion.yml names it. Nothing else of a template changes.
 */
import { chmodSync, cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { parseDocument } from 'yaml'

interface Part {
  contract: string
  /** Which of several images of one tool this is. */
  part?: string
  /** uid:gid the image runs as; without it the contract drops root itself. */
  user?: string
  /** Paths of programs that the image has, answered by the contract. */
  commands?: string[]
  /** Debian packages that the upstream image has too. */
  packages?: string[]
  workdir?: string
  /** name:uid of an account that commands are run as. */
  account?: string
  /** As upstream: no shell, no curl. */
  shell?: false
  /** Instead of the shared program. */
  folder?: string
}

const STAND_INS: Record<string, Record<string, Part>> = {
  elastic: {
    elasticsearch: { contract: 'elastic', part: 'elasticsearch', user: '1000:0' },
    accounts: { contract: 'elastic', part: 'elasticsearch', user: '1000:0' },
    kibana: { contract: 'elastic', part: 'kibana', user: '1000:0' },
    logstash: { contract: 'elastic', part: 'logstash', user: '1000:0' },
    filebeat: { contract: 'elastic', part: 'filebeat', commands: ['/usr/bin/filebeat'] },
  },
  forgejo: {
    forgejo: { contract: 'forgejo', commands: ['/usr/local/bin/forgejo'], account: 'git:1000' },
  },
  gitlab: {
    gitlab: {
      contract: 'gitlab',
      commands: ['/opt/gitlab/bin/gitlab-healthcheck', '/usr/bin/gitlab-rails'],
    },
  },
  'gitlab-runner': { runner: { contract: 'gitlab-runner', commands: ['/usr/bin/gitlab-runner'] } },
  kanboard: { kanboard: { contract: 'kanboard', packages: ['php-cli', 'php-sqlite3'] } },
  mailpit: { mailpit: { contract: 'mailpit', commands: ['/mailpit'] } },
  mattermost: {
    mattermost: {
      contract: 'mattermost',
      user: '2000:2000',
      commands: ['/mattermost/bin/mmctl'],
      shell: false,
    },
  },
  n8n: {
    n8n: { contract: 'n8n', user: '1000:1000', packages: ['nodejs'] },
    runners: { contract: 'n8n', part: 'runners', user: '1000:1000' },
  },
  nextcloud: {
    nextcloud: { contract: 'nextcloud', commands: ['/usr/local/bin/php'], workdir: '/var/www/html' },
    cron: { contract: 'nextcloud', commands: ['/cron.sh'] },
  },
  portainer: { portainer: { contract: 'portainer', commands: ['/portainer'] } },
  sonarqube: { sonarqube: { contract: 'sonarqube', user: '1000:0' } },
  taiga: {
    back: { contract: 'taiga', part: 'back', commands: ['/usr/local/bin/python'], workdir: '/taiga-back' },
    async: { contract: 'taiga', part: 'back', commands: ['/taiga-back/docker/async_entrypoint.sh'] },
    front: { contract: 'taiga', part: 'front' },
    events: { contract: 'taiga', part: 'events' },
    protected: { contract: 'taiga', part: 'protected' },
  },
  'uptime-kuma': { 'uptime-kuma': { contract: 'uptime-kuma', folder: 'uptime-kuma' } },
  vaultwarden: { vaultwarden: { contract: 'vaultwarden', commands: ['/healthcheck.sh'] } },
  wekan: {
    wekan: { contract: 'wekan', user: '997:997', packages: ['nodejs'] },
    mongodb: { contract: 'mongodb', folder: 'mongodb' },
  },
  wikijs: { wikijs: { contract: 'wikijs', user: '1000:1000', packages: ['nodejs'] } },
}

/** Before the templates are first read, or before they are used: the daemon reads a changed folder again. */
export function installStandIns(minionsDir: string, templates: readonly string[]): void {
  for (const template of templates) {
    const parts = STAND_INS[template]
    if (!parts) throw new Error(`there is no stand-in for ${template}`)
    const file = join(minionsDir, template, 'minion.yml')
    const document = parseDocument(readFileSync(file, 'utf8'))
    for (const [service, part] of Object.entries(parts)) {
      const name = `${template}-${service}`
      writeContext(join(minionsDir, '.stand-ins', name), part)
      const version = String(document.getIn(['images', service, 'tag']))
      document.setIn(['images', service, 'distro'], { context: `../.stand-ins/${name}`, version })
    }
    // What a stand-in does not do needs nothing of the kernel.
    document.deleteIn(['resources', 'sysctl'])
    writeFileSync(file, document.toString({ lineWidth: 0 }))
    // An engine inside a container may not raise them.
    const compose = join(minionsDir, template, 'compose.yml')
    const text = readFileSync(compose, 'utf8')
    if (!/^ {4}ulimits:/m.test(text)) continue
    writeFileSync(compose, text.replaceAll(/^ {4}ulimits:\n(?: {6}.*\n)+/gm, ''))
  }
}

function writeContext(dir: string, part: Part): void {
  mkdirSync(dir, { recursive: true })
  if (part.folder) return cpSync(join(import.meta.dirname, part.folder), dir, { recursive: true })
  const module = `${part.contract.replaceAll('-', '_')}.py`
  const program = '/stand-in/stand_in.py'
  const put = (path: string, text: string, mode: number) => {
    const file = join(dir, 'root', path)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, text)
    chmodSync(file, mode)
  }
  const source = (path: string) => readFileSync(join(import.meta.dirname, path), 'utf8')
  put(program, source('stand_in.py'), 0o644)
  put(`/stand-in/contracts/${module}`, source(`contracts/${module}`), 0o644)
  for (const path of part.commands ?? []) {
    const called = path.split('/').at(-1) ?? ''
    const lines = [
      '#!/usr/bin/python3',
      'import os, sys',
      `os.execv('/usr/bin/python3', ['python3', '${program}', '${called}', *sys.argv[1:]])`,
    ]
    put(path, `${lines.join('\n')}\n`, 0o755)
  }
  const packages = 'python3 python3-psycopg python3-pymysql python3-pymongo curl wget'
  const more = part.packages ?? []
  writeFileSync(
    join(dir, 'Dockerfile'),
    [
      'FROM summoner/base:trixie',
      `RUN apt-get update && apt-get install -y ${packages} && rm -rf /var/lib/apt/lists/*`,
      ...(more.length > 0
        ? [`RUN apt-get update && apt-get install -y ${more.join(' ')} && rm -rf /var/lib/apt/lists/*`]
        : []),
      'COPY root/ /',
      `ENV STAND_IN=${part.contract} STAND_IN_PART=${part.part ?? ''} PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1`,
      ...(part.workdir ? [`WORKDIR ${part.workdir}`] : []),
      ...(part.shell === false ? ['RUN rm -f /usr/bin/curl /usr/bin/wget /bin/bash /bin/dash /bin/sh'] : []),
      ...(part.account
        ? [`RUN useradd --uid ${part.account.split(':')[1]} --user-group ${part.account.split(':')[0]}`]
        : []),
      ...(part.user ? [`USER ${part.user}`] : []),
      `ENTRYPOINT ["python3", "${program}", "serve"]`,
      '',
    ].join('\n'),
  )
}
