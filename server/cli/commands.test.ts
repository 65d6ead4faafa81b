import t, { type Test } from 'tap'
import {
  createDaemon,
  jobOf,
  LATER,
  minionOf,
  problem,
  sendEvents,
  socketFor,
  type,
  type Answer,
} from './daemon.fixture.ts'

async function daemonOf(t: Test, answers: Record<string, Answer>) {
  const socket = socketFor(t)
  const daemon = createDaemon(socket, answers)
  await daemon.listen()
  t.teardown(() => daemon.stop())
  return { socket, daemon }
}

const ended = (job = jobOf('succeeded')): Record<string, Answer> => ({
  [`GET /jobs/${job.id}/events`]: (_: unknown, response: Parameters<typeof sendEvents>[0]) =>
    sendEvents(response, [['job', job]]),
})

t.test('status: a table for people, one document for scripts', async (t) => {
  const { socket } = await daemonOf(t, { 'GET /minions': { minions: [minionOf('wordpress')] } })
  const people = await type(socket, ['status'])
  t.equal(people.code, 0)
  t.match(people.stdout, /● Running {2}wordpress {2}https:\/\/wordpress\.kit\.test/u)
  const scripts = await type(socket, ['status', '--json'])
  t.same(JSON.parse(scripts.stdout), { minions: [minionOf('wordpress')] })
  t.equal(scripts.stderr, '')
})

t.test('add: posts, follows, ends with the address and the first password', async (t) => {
  const { socket, daemon } = await daemonOf(t, {
    'POST /minions': { job: jobOf('queued'), minion: 'wordpress' },
    'GET /minions/wordpress': minionOf('wordpress'),
    'GET /minions/wordpress/secrets': {
      admin: { user: 'admin', password: 's3cret', url: 'https://wordpress.kit.test/wp-admin/' },
      secrets: {},
    },
    ...ended(
      jobOf('succeeded', {
        steps: [
          {
            name: 'Images',
            state: 'succeeded',
            startedAt: '2026-01-01T00:00:00Z',
            endedAt: '2026-01-01T00:00:02Z',
          },
        ],
      }),
    ),
  })
  const { code, stdout } = await type(socket, [
    'add',
    'wordpress',
    '--env',
    'TITLE=a=b',
    '--grant',
    'docker.sock',
    '--subdomain',
    '@',
  ])
  t.equal(code, 0)
  t.same(daemon.asked[0], {
    method: 'POST',
    path: '/minions',
    body: { template: 'wordpress', subdomain: '@', env: { TITLE: 'a=b' }, grants: ['docker.sock'] },
  })
  t.match(stdout, /wordpress: Images: done \(2\.0 s\)/u)
  t.match(stdout, /wordpress runs at https:\/\/wordpress\.kit\.test/u)
  t.match(stdout, /Password {2}s3cret/u)
  t.notMatch(stdout, /\p{Cc}\[/u, 'no escape where there is no terminal')
})

t.test('add: a failed job tells why and fails', async (t) => {
  const failed = jobOf('failed', {
    problem: {
      type: '',
      title: 'An image cannot be had',
      status: 424,
      code: 'image.unavailable',
      detail: 'no route',
      hint: 'Check the network.',
    },
  })
  const { socket } = await daemonOf(t, {
    'POST /minions': { job: jobOf('queued'), minion: 'wordpress' },
    ...ended(failed),
  })
  const people = await type(socket, ['add', 'wordpress'])
  t.equal(people.code, 1)
  t.match(
    people.stderr,
    /An image cannot be had\n {2}no route\n {2}→ Check the network\.\n {2}Log: summoner job 01J log/u,
  )
  t.notMatch(people.stderr, /stays in config/u, 'the entry was never written')
  const scripts = await type(socket, ['add', 'wordpress', '--json'])
  t.equal(scripts.code, 1)
  t.same(JSON.parse(scripts.stdout), { job: failed, minion: 'wordpress' })

  const written = await daemonOf(t, {
    'POST /minions': { job: jobOf('queued'), minion: 'wordpress' },
    'GET /minions/wordpress': minionOf('wordpress'),
    ...ended(failed),
  })
  const told = await type(written.socket, ['add', 'wordpress'])
  t.equal(told.code, 1)
  t.match(
    told.stderr,
    /wordpress stays in config\.yml.*summoner apply wordpress\n.*summoner remove wordpress/u,
  )
})

t.test('add: who may not see secrets still summons', async (t) => {
  const { socket } = await daemonOf(t, {
    'POST /minions': { job: jobOf('queued'), minion: 'wordpress' },
    'GET /minions/wordpress': minionOf('wordpress'),
    'GET /minions/wordpress/secrets': problem(403, 'auth.refused', 'Your role does not allow this'),
    ...ended(),
  })
  const { code, stderr } = await type(socket, ['add', 'wordpress'])
  t.equal(code, 0)
  t.match(stderr, /administrators only/u)
})

const change = {
  action: '-',
  minion: 'wiki',
  job: 'dismiss',
  reasons: ['no longer in config.yml'],
  asks: true,
}

t.test('apply: no minion changes, but hosts and certificates may', async (t) => {
  const { socket, daemon } = await daemonOf(t, {
    'GET /config/plan': { changes: [], unchanged: 4, warnings: [] },
    'POST /config/apply': { jobs: [], plan: {} },
  })
  const { code, stdout } = await type(socket, ['apply'])
  t.equal(code, 0)
  t.match(stdout, /Nothing to change; 4 as they should be\.\n0 changes\n$/u)
  t.same(
    daemon.asked.map(({ method, path }) => `${method} ${path}`),
    ['GET /config/plan', 'POST /config/apply'],
    '`tls`, `proxy` and `sites` of a file that was edited by hand stand in no plan',
  )
})

t.test('apply: what removes asks; without a terminal it needs --yes', async (t) => {
  const answers = {
    'GET /config/plan': { changes: [change], unchanged: 0, warnings: [] },
    'POST /config/apply': { jobs: [jobOf('queued', { kind: 'dismiss', minion: 'wiki' })], plan: {} },
    ...ended(jobOf('succeeded', { kind: 'dismiss', minion: 'wiki' })),
  }
  const { socket, daemon } = await daemonOf(t, answers)
  const posted = () => daemon.asked.filter(({ method }) => method === 'POST').map(({ body }) => body)

  const silent = await type(socket, ['apply'])
  t.equal(silent.code, 1)
  t.match(silent.stderr, /--yes/u)
  const no = await type(socket, ['apply'], { replies: ['n'] })
  t.equal(no.code, 1)
  t.same(posted(), [], 'nothing was posted so far')

  const yes = await type(socket, ['apply'], { replies: ['y'] })
  t.equal(yes.code, 0)
  t.match(yes.stdout, /1 change\n$/u)
  const forced = await type(socket, ['apply', 'wiki', '--yes'])
  t.equal(forced.code, 0)
  t.same(posted(), [{ yes: true }, { yes: true, only: ['wiki'] }])
})

t.test('plan: --detailed-exitcode tells changes from none', async (t) => {
  const { socket } = await daemonOf(t, {
    'GET /config/plan': { changes: [change], unchanged: 0, warnings: [] },
  })
  t.equal((await type(socket, ['plan'])).code, 0)
  t.equal((await type(socket, ['plan', '--detailed-exitcode'])).code, 2)
})

t.test('remove: says what happens to the data, and asks for the name where it goes', async (t) => {
  const { socket, daemon } = await daemonOf(t, {
    'GET /minions/wordpress': minionOf('wordpress'),
    'DELETE /minions/wordpress': { job: jobOf('queued', { kind: 'dismiss' }) },
    ...ended(jobOf('succeeded', { kind: 'dismiss' })),
  })
  const deletes = () => daemon.asked.filter(({ method }) => method === 'DELETE').map(({ path }) => path)
  const kept = await type(socket, ['remove', 'wordpress'], { replies: ['y'] })
  t.equal(kept.code, 0)
  t.match(kept.stdout, /data stays/u)
  t.same(deletes(), ['/minions/wordpress'])

  const wrong = await type(socket, ['remove', 'wordpress', '--purge'], { replies: ['yes'] })
  t.equal(wrong.code, 1)
  t.match(wrong.stdout, /deleted[^]*Nothing was removed/u)
  const silent = await type(socket, ['remove', 'wordpress', '--purge'])
  t.equal(silent.code, 1)
  t.match(silent.stderr, /--yes/u)
  t.equal(deletes().length, 1)

  const gone = await type(socket, ['remove', 'wordpress', '--purge'], { replies: ['wordpress'] })
  t.equal(gone.code, 0)
  t.match(gone.questions[0], /Type the name/u)
  t.same(deletes().at(-1), '/minions/wordpress?purge=true')
})

t.test('stop: the proxy takes every site with it, so it asks first', async (t) => {
  const { socket, daemon } = await daemonOf(t, {
    'POST /minions/nginx/stop': { job: jobOf('succeeded', { kind: 'stop', minion: 'nginx' }) },
    ...ended(jobOf('succeeded', { kind: 'stop', minion: 'nginx' })),
  })
  const kept = await type(socket, ['stop', 'nginx'], { replies: [''] })
  t.match(kept, { code: 1, stdout: /no site answers[^]*Nothing was stopped/u })
  t.same(daemon.asked, [])
  t.match(await type(socket, ['stop', 'nginx'], { replies: ['oui'] }), {
    code: 0,
    stdout: /nginx is stopped/u,
  })
  t.match(await type(socket, ['stop', 'nginx', '--yes']), { code: 0, stdout: /no site answers/u })
})

t.test(
  'remove: what went before can be purged later; the proxy is refused before anything is said',
  async (t) => {
    const { socket, daemon } = await daemonOf(t, {
      'GET /minions/old': problem(404, 'minion.unknown', 'No such minion'),
      'DELETE /minions/old': { job: jobOf('queued', { kind: 'dismiss', minion: 'old' }) },
      'GET /minions/nginx': minionOf('nginx'),
      'DELETE /minions/nginx': problem(409, 'minion.required', 'This minion cannot be removed'),
      ...ended(jobOf('succeeded', { kind: 'dismiss', minion: 'old' })),
    })
    t.match(await type(socket, ['remove', 'old']), { code: 1, stdout: '', stderr: /No such minion/u })
    const purged = await type(socket, ['remove', 'old', '--purge', '--yes'])
    t.match(purged, { code: 0, stdout: /What old left is deleted[^]*its data deleted/u })
    t.equal(
      daemon.asked.some(({ method, path }) => method === 'DELETE' && path === '/minions/old?purge=true'),
      true,
    )
    t.match(await type(socket, ['remove', 'nginx']), { code: 1, stdout: '', stderr: /cannot be removed/u })
  },
)

t.test('logs: lines without tricks; -f --json gives one document a line', async (t) => {
  const entry = {
    at: '2026-01-01T00:00:00.123Z',
    service: 'db',
    stream: 'stdout',
    line: 'a\u001B]0;x\u0007\rb',
  }
  const { socket, daemon } = await daemonOf(t, {
    'GET /minions/wordpress/logs': { lines: [entry] },
    'GET /minions/wordpress/logs?tail=100&follow=true': (
      _: unknown,
      response: Parameters<typeof sendEvents>[0],
    ) =>
      sendEvents(response, [
        ['log', entry],
        ['log', entry],
      ]),
  })
  const { stdout } = await type(socket, ['logs', 'wordpress', '--since', '10m', '--service', 'db', '-n', '5'])
  t.equal(stdout, '2026-01-01 00:00:00 db         | a b\n')
  t.match(daemon.asked[0]?.path, /tail=5&since=2026-01-01T11%3A50%3A00\.000Z&service=db/u)
  const lines = (await type(socket, ['logs', 'wordpress', '-f', '--json'])).stdout.trim().split('\n')
  t.same(
    lines.map((line) => JSON.parse(line)),
    [entry, entry],
  )
  t.equal((await type(socket, ['logs', 'wordpress', '--since', 'soon'])).code, 2)
  t.equal((await type(socket, ['logs', 'wordpress', '--tail', 'all'])).code, 2)
})

t.test('secret set: from standard input or asked for, never an argument', async (t) => {
  const { socket, daemon } = await daemonOf(t, { 'PUT /secrets/smtp': { name: 'smtp' } })
  t.equal((await type(socket, ['secret', 'set', 'smtp'], { input: 'pass word\n' })).code, 0)
  t.equal((await type(socket, ['secret', 'set', 'smtp'], { replies: ['typed'] })).code, 0)
  t.same(
    daemon.asked.map(({ body }) => body),
    [{ value: 'pass word' }, { value: 'typed' }],
  )
  t.equal((await type(socket, ['secret', 'set', 'smtp'], { input: '\n' })).code, 1)
  t.equal((await type(socket, ['secret', 'set', 'smtp', 'value'], { input: 'x' })).code, 2)
  t.equal(daemon.asked.length, 2)
})

t.test('token create: the token alone on stdout', async (t) => {
  const { socket, daemon } = await daemonOf(t, { 'POST /tokens': { id: 't1', token: 'smn_abc' } })
  const { stdout, stderr } = await type(socket, [
    'token',
    'create',
    'ci',
    '--role',
    'operator',
    '--expires',
    '1d',
  ])
  t.equal(stdout, 'smn_abc\n')
  t.match(stderr, /once/u)
  t.same(daemon.asked[0]?.body, { name: 'ci', role: 'operator', expires: '2026-01-02T12:00:00.000Z' })
})

t.test('doctor: hints are shown; a failed check fails', async (t) => {
  const checks = [
    { id: 'engine', title: 'Docker engine', state: 'ok', detail: 'Docker 27' },
    {
      id: 'ports',
      title: 'Public ports',
      state: 'fail',
      detail: 'Port 80 is held by apache2.',
      hint: 'Stop it.\nThen again.',
    },
  ]
  const { socket } = await daemonOf(t, { 'GET /doctor': { checks, ok: false } })
  const { code, stdout } = await type(socket, ['doctor'])
  t.equal(code, 1)
  t.same(stdout.split('\n'), [
    '✔ Docker engine  Docker 27',
    '✖ Public ports   Port 80 is held by apache2.',
    '                 → Stop it.',
    '                   Then again.',
    '',
    '1 to repair.',
    '',
  ])
})

t.test('import: sends the files, shows the place of a refusal', async (t) => {
  const cwd = t.testdir({
    'compose.yml': 'services:\n  app:\n    privileged: true\n',
    'notes.txt': 'x',
    Dockerfile: 'FROM a:1',
  })
  const report = {
    name: 'app',
    ok: false,
    changes: [{ path: 'compose.yml', line: 1, what: 'ports 80 removed', why: 'The proxy serves it.' }],
    questions: [
      { id: 'web', text: 'Which port faces the web?', options: ['80', '8080'], path: 'compose.yml' },
    ],
    refusals: [
      {
        path: 'compose.yml',
        line: 3,
        column: 5,
        what: 'privileged',
        why: 'It hands over this server.',
        advice: 'Remove it.',
        grant: 'privileged:app',
      },
    ],
    files: {},
  }
  const socketDir = socketFor(t)
  const daemon = createDaemon(socketDir, { 'POST /templates/import': report })
  await daemon.listen()
  t.teardown(() => daemon.stop())
  const world = { cwd }
  const { code, stdout } = await type(
    socketDir,
    ['import', 'compose.yml', '--dry-run', '--answer', 'web=80', '--grant', 'x'],
    { world },
  )
  t.equal(code, 1)
  t.same(daemon.asked[0]?.body, {
    files: { 'compose.yml': 'services:\n  app:\n    privileged: true\n' },
    entry: 'compose.yml',
    dryRun: true,
    answers: { web: '80' },
    grants: ['x'],
  })
  t.same(stdout.split('\n'), [
    '~ ports 80 removed compose.yml:1',
    '  The proxy serves it.',
    '? Which port faces the web? (80, 8080) compose.yml',
    '  --answer web=…',
    '✖ privileged compose.yml:3:5',
    '  It hands over this server.',
    '    3 |     privileged: true',
    '            ^',
    '  → Remove it.',
    '    or allow it: --grant privileged:app',
    '',
    '1 refused, 1 question open: nothing was written.',
    '',
  ])
  await type(socketDir, ['import', '--name', 'x', 'docker', 'run', '-e', "A=it's", 'img'], { world })
  t.same(daemon.asked[1]?.body, {
    files: {},
    run: String.raw`docker run -e 'A=it'\''s' img`,
    name: 'x',
    answers: {},
    grants: [],
  })
  await type(socketDir, ['import', 'docker run img:1'], { world })
  t.match(daemon.asked[2]?.body, { run: 'docker run img:1' })
  t.equal((await type(socketDir, ['import', 'nothing-there'], { world })).code, 2)
  await type(socketDir, ['import', 'docker run img:1', '--dry-run'], { world })
  t.match(daemon.asked[3]?.body, { run: 'docker run img:1', dryRun: true })
  const alone = await type(socketDir, ['import', 'Dockerfile'], { world })
  t.match(alone, { code: 2, stderr: /needs its sources/ })
})

t.test('job: log, cancel, follow', async (t) => {
  const { socket, daemon } = await daemonOf(t, {
    'GET /jobs/01J': jobOf('running'),
    'GET /jobs/01J/log': { lines: [{ seq: 0, at: '2026-01-01T10:00:00Z', line: 'pulling\u001B[K' }] },
    'POST /jobs/01J/cancel': jobOf('cancelled'),
    ...ended(jobOf('cancelled')),
  })
  t.equal((await type(socket, ['job', '01J', 'log'])).stdout, '10:00:00 pulling\n')
  t.equal((await type(socket, ['job', '01J', 'cancel'])).code, 0)
  t.equal(daemon.asked.at(-1)?.method, 'POST')
  const followed = await type(socket, ['job', '01J', 'follow'])
  t.equal(followed.code, 1)
  t.match(followed.stderr, /The job was cancelled/u)
})

t.test('a refusal of the daemon: title, detail, hint, and the same for scripts', async (t) => {
  const { socket } = await daemonOf(t, { 'GET /minions/x': problem(404, 'minion.unknown', 'No such minion') })
  const people = await type(socket, ['status', 'x'])
  t.equal(people.code, 1)
  t.equal(people.stdout, '')
  t.equal(people.stderr, '✖ No such minion\n  No such minion.\n  → Do something.\n')
  const scripts = await type(socket, ['--json', 'status', 'x'])
  t.match(JSON.parse(scripts.stdout), { error: { code: 'minion.unknown', status: 404 } })
})

t.test('no daemon: a sentence, no stack', async (t) => {
  const { code, stderr } = await type(socketFor(t), ['status'])
  t.equal(code, 1)
  t.match(stderr, /The Summoner daemon does not answer[^]*systemctl status summoner/u)
  t.notMatch(stderr, /\n\s+at /u)
  t.match((await type(socketFor(t), ['version'])).stdout, /summoner 9\.9\.9\nThe daemon does not answer/u)
})

t.test('answers that are no problem documents do not break the command', async (t) => {
  const { socket } = await daemonOf(t, {
    'GET /minions': (_: unknown, response: Parameters<typeof sendEvents>[0]) => {
      response.writeHead(502).end('<html>bad gateway</html>')
      return LATER
    },
  })
  const { code, stderr } = await type(socket, ['status'])
  t.equal(code, 1)
  t.match(stderr, /The daemon answered 502/u)
})

t.test('completion asks for names and never fails', async (t) => {
  const { socket } = await daemonOf(t, {
    'GET /minions': { minions: [minionOf('wordpress'), minionOf('wiki'), minionOf('ghost')] },
  })
  t.equal((await type(socket, ['__complete', 'logs', 'w'])).stdout, 'wordpress\tminion\nwiki\tminion\n')
  const without = await type(`${socket}x`, ['__complete', 'logs', 'w'])
  t.same([without.code, without.stdout, without.stderr], [0, '', ''])
})

t.test('user: links alone on stdout, lists for people', async (t) => {
  const link = { url: 'https://summoner.kit.test/setup#abc', expires: '2026-01-02T12:00:00.000Z' }
  const user = {
    name: 'zoe',
    role: 'operator',
    createdAt: '2026-01-01T00:00:00.000Z',
    createdBy: 'local',
    password: true,
    totp: true,
    passkeys: 2,
    recoveryCodes: 10,
  }
  const { socket, daemon } = await daemonOf(t, {
    'POST /setup-link': link,
    'POST /users': { user, link },
    'POST /users/zoe%40kit.test/link': link,
    'GET /users': { users: [user] },
    'PATCH /users/zoe': { ...user, role: 'viewer' },
    'DELETE /users/zoe': null,
  })
  for (const argv of [
    ['user', 'setup-link'],
    ['user', 'add', 'zoe', '--role', 'operator'],
    ['user', 'reset-link', 'zoe@kit.test', '--forget-factors'],
  ]) {
    const { stdout, stderr } = await type(socket, argv)
    t.equal(stdout, 'https://summoner.kit.test/setup#abc\n')
    t.match(stderr, /works once, until 2026-01-02 12:00 UTC/u)
  }
  t.match((await type(socket, ['user', 'list'])).stdout, /zoe +operator +password, code, 2 passkeys +never/u)
  t.match((await type(socket, ['user', 'role', 'zoe', 'viewer'])).stdout, /zoe is now viewer/u)
  t.equal((await type(socket, ['user', 'role', 'zoe', 'root'])).code, 2)
  t.match((await type(socket, ['user', 'remove', 'zoe'])).stdout, /can no longer sign in/u)
  t.same(daemon.asked.map(({ body }) => body).filter(Boolean), [
    { name: 'zoe', role: 'operator' },
    { forgetFactors: true },
    { role: 'viewer' },
  ])
})

t.test('audit: one line each, changed lines of config.yml below', async (t) => {
  const { socket, daemon } = await daemonOf(t, {
    'GET /audit': {
      entries: [
        {
          id: 2,
          at: '2026-01-01T11:00:00.000Z',
          actor: 'zoe',
          via: 'job',
          action: 'writeConfig',
          change: '-a: 1\n+a: \u001b[31m2',
        },
        {
          id: 1,
          at: '2026-01-01T10:00:00.000Z',
          actor: 'yan',
          via: 'user',
          address: '192.0.2.7',
          action: 'removeUser',
          target: 'zoe',
          status: 403,
        },
      ],
    },
  })
  const { stdout } = await type(socket, ['audit', '--actor', 'zoe'])
  t.match(stdout, /✔ 2026-01-01 11:00:00 zoe +writeConfig +job\n {4}-a: 1\n {4}\+a: /u)
  t.match(stdout, /✖ 2026-01-01 10:00:00 yan +removeUser +zoe user 192\.0\.2\.7\n/u)
  t.notOk(stdout.includes('\u001b'))
  t.equal(daemon.asked[0]?.path, '/audit?limit=50&actor=zoe')
  t.equal((await type(socket, ['audit', '--limit', 'all'])).code, 2)
})

t.test('destinations: a failed one is told with its cause, and fails', async (t) => {
  const one = { to: '/mnt/kit', tries: 0, sets: 3, missing: 0 }
  const list = [
    { ...one, name: 'disk', state: 'ok' },
    {
      ...one,
      name: 'nas',
      state: 'failed',
      problem: 'no space\u001b[2J left',
      since: '2026-01-01T00:00:00Z',
      missing: 2,
    },
  ]
  const { socket } = await daemonOf(t, {
    'GET /destinations': { destinations: list },
    'GET /backups': { sets: [] },
  })
  const { code, stdout } = await type(socket, ['destinations'])
  t.equal(code, 1)
  t.match(stdout, /disk +✔ ok/)
  t.match(stdout, /✖ nas: no space left/)
  t.match((await type(socket, ['backups'])).stderr, /✖ nas: no space left/)
  const green = await daemonOf(t, { 'GET /destinations': { destinations: list.slice(0, 1) } })
  t.equal((await type(green.socket, ['destinations'])).code, 0)
})

t.test('destinations copy and check: followed to their end', async (t) => {
  const { socket, daemon } = await daemonOf(t, {
    'POST /destinations/disk/copy': { job: jobOf('queued') },
    'POST /destinations/disk/check': { job: jobOf('queued') },
    ...ended(),
  })
  t.match((await type(socket, ['destinations', 'copy', 'disk'])).stdout, /disk holds what it should/)
  t.match((await type(socket, ['destinations', 'check', 'disk', '--all'])).stdout, /disk is whole/)
  t.match(
    daemon.asked.find(({ path }) => path === '/destinations/disk/check'),
    { body: { all: true } },
  )
})

t.test('recovery-sheet: the sheet alone on stdout', async (t) => {
  const { socket } = await daemonOf(t, { 'GET /recovery-sheet': { sheet: 'RECOVERY SHEET\npassword: x\n' } })
  const { code, stdout, stderr } = await type(socket, ['recovery-sheet'])
  t.equal(code, 0)
  t.match(stdout, /^RECOVERY SHEET\npassword: x\n/)
  t.equal(stderr, '')
})
