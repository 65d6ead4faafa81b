import t from 'tap'
import { POLICY, pauseAfter } from './delivery.ts'
import { createReceiver, createRig } from './rig.fixture.ts'

const [MINUTE, HOUR] = [60_000, 3_600_000]
const channels = `  channels:
    team: {http: {url: {secret: team}}}
    other: {http: {url: {secret: other}}}
    chat: {mattermost: {url: {secret: team}}}
    slow: {slack: {url: {secret: other}}}
`
const tell = (channel = 'team', more = '') => `${channels}  recipes:
    - name: tell
      on: {type: "pipeline.*"}
      do:
        - post: {channel: ${channel}, text: "{{ event.title }}"}${more}
`

async function set(t: Parameters<typeof createRig>[0], config: string, more: object = {}) {
  const clocked = { now: () => 0 }
  const team = await createReceiver(t, () => clocked.now())
  const other = await createReceiver(t, () => clocked.now())
  const rig = await createRig(t, { config, secrets: { team: team.url, other: other.url }, ...more })
  clocked.now = rig.clock.now
  rig.recipes.start()
  await rig.settled()
  return { ...rig, team, other }
}

t.test('an event becomes a message', async (t) => {
  const { send, clock, team, states, recipes, db } = await set(t, tell())
  send({ type: 'push', title: 'not this' })
  send({ type: 'pipeline.failed', title: 'this' })
  await clock.turn(0)
  t.same(team.texts(), ['this'])
  t.same(states(), ['delivered'])
  t.equal(team.heard[0]?.headers['webhook-id'], 'msg_1')
  t.same(recipes.deliveries.attempts(1).length, 1)
  t.match(db.prepare('SELECT state FROM recipe_runs').all(), [{ state: 'done' }])
})

t.test('twelve tries, then a dead letter, told of once; replay sends it', async (t) => {
  const { send, clock, team, recipes, states, events } = await set(t, tell())
  team.say(() => 503)
  send({ type: 'pipeline.failed', title: 'a' })
  const began = clock.now()
  await clock.turn(80 * HOUR)
  t.equal(team.heard.length, 12)
  t.same(states(), ['dead'])
  const pauses = team.heard.map(({ at }, index) => at - (team.heard[index - 1]?.at ?? began))
  t.same(pauses.slice(1, 5), [5000, 20_000, 80_000, 320_000], 'as scheduled')
  const last = team.heard.at(-1)?.at ?? 0
  t.ok(last - began <= 73 * HOUR && last - began > 60 * HOUR, 'within three days')
  t.equal(new Set(team.heard.map(({ headers }) => headers['webhook-id'])).size, 1, 'one id for all tries')
  t.equal(recipes.deliveries.attempts(1).length, 12)
  t.match(
    events.list({ source: 'summoner' }).map(({ type }) => type),
    ['channel.failing', 'delivery.failed'],
  )
  team.say(() => 200)
  t.ok(recipes.replay(1))
  await clock.turn(HOUR)
  t.same(states(), ['delivered'])
  t.equal(team.heard.length, 13)
  t.match(events.list({ source: 'summoner' }).at(-1), { type: 'channel.recovered' })
})

t.test('full jitter', async (t) => {
  for (let attempts = 1; attempts <= 12; attempts++) {
    const ceiling = POLICY.pauses[Math.min(attempts, POLICY.pauses.length) - 1] ?? 0
    t.equal(
      pauseAfter(attempts, {}, () => 0),
      0,
    )
    t.equal(
      pauseAfter(attempts, {}, () => 1),
      ceiling,
    )
    t.equal(
      pauseAfter(attempts, { retryAfterMs: ceiling + 1 }, () => 0.5),
      Math.min(ceiling + 1, 24 * HOUR),
    )
  }
  const most = POLICY.pauses.reduce((sum, pause) => sum + pause, 0)
  t.ok(most <= 72 * HOUR && most > 70 * HOUR, 'three days at most')
})

t.test('Retry-After is kept to, for all of the destination', async (t) => {
  const { send, clock, team } = await set(t, tell(), { random: () => 0 })
  team.say(() => ({ status: 429, headers: { 'retry-after': '120' } }))
  send({ type: 'pipeline.failed', title: 'a' })
  send({ type: 'pipeline.failed', title: 'b' })
  await clock.turn(119_000)
  t.same(team.texts(), ['a'])
  team.say(() => 200)
  await clock.turn(2_000)
  t.same(team.texts(), ['a', 'a', 'b'])
})

t.test('order holds per destination, and nobody waits for another', async (t) => {
  const { send, clock, team, other } = await set(
    t,
    `${channels}  recipes:
    - {name: one, on: {source: gitlab}, do: [{post: {channel: team, text: "{{ event.title }}"}}]}
    - {name: two, on: {source: other}, do: [{post: {channel: other, text: "{{ event.title }}"}}]}
`,
  )
  let failing = 2
  team.say(() => (failing-- > 0 ? 500 : 200))
  for (let count = 0; count < 5; count++) {
    send({ type: 'x', title: `a${count}` })
    send({ type: 'x', title: `b${count}`, source: 'other' })
  }
  await clock.turn(0)
  t.same(other.texts(), ['b0', 'b1', 'b2', 'b3', 'b4'], 'at once')
  t.same(team.texts(), ['a0'])
  await clock.turn(MINUTE)
  t.same(team.texts(), ['a0', 'a0', 'a0', 'a1', 'a2', 'a3', 'a4'], 'in order')
})

t.test('one that nobody takes does not hold up the rest for ever', async (t) => {
  const { send, clock, team, states } = await set(t, tell())
  team.say(({ body }) => (body['text'] === 'poison' ? 500 : 200))
  send({ type: 'pipeline.failed', title: 'poison' })
  send({ type: 'pipeline.failed', title: 'b' })
  await clock.turn(10 * MINUTE)
  t.same(team.texts().slice(0, 5), ['poison', 'poison', 'poison', 'poison', 'b'])
  await clock.turn(80 * HOUR)
  t.same(states(), ['dead', 'delivered'])
})

t.test('what is refused for good is given up at once', async (t) => {
  const { send, clock, team, states } = await set(t, tell())
  team.say(({ body }) => (body['text'] === 'a' ? 400 : 200))
  send({ type: 'pipeline.failed', title: 'a' })
  send({ type: 'pipeline.failed', title: 'b' })
  await clock.turn(0)
  t.same(states(), ['dead', 'delivered'])
})

t.test(
  'down for ten minutes, then up: few tries while down, all delivered in order, others untouched',
  async (t) => {
    const { send, clock, team, other, states } = await set(
      t,
      `${channels}  recipes:
    - {name: one, on: {source: gitlab}, do: [{post: {channel: team, text: "{{ event.title }}"}}]}
    - {name: two, on: {source: other}, do: [{post: {channel: other, text: "{{ event.title }}"}}]}
`,
      { random: () => 0.5 },
    )
    team.say(() => 502)
    for (let minute = 0; minute < 10; minute++) {
      for (let count = 0; count < 10; count++) send({ type: 'x', title: `a${minute * 10 + count}` })
      send({ type: 'x', title: `b${minute}`, source: 'other' })
      await clock.turn(0)
      t.equal(other.heard.at(-1)?.at, clock.now(), 'the other is told in the same moment')
      await clock.turn(MINUTE)
    }
    const tried = team.heard.length
    t.ok(tried < 30, `${tried} tries in ten minutes for a hundred messages`)
    team.say(() => 200)
    const up = clock.now()
    await clock.turn(11 * MINUTE)
    t.ok(states().every((state) => state === 'delivered'))
    const since = team.heard.slice(tried).map(({ body }) => body['text'] as string)
    t.equal(new Set(since).size, 100, 'each once')
    t.equal(since.length, 100)
    t.ok((team.heard.at(-1)?.at ?? 0) - up <= 10 * MINUTE + 15_000, 'soon after')
  },
)

t.test('a secret that is set later', async (t) => {
  const { send, clock, team, secrets, states } = await set(t, tell())
  const url = secrets['team'] ?? ''
  delete secrets['team']
  send({ type: 'pipeline.failed', title: 'a' })
  await clock.turn(1000)
  t.same(states(), ['pending'])
  secrets['team'] = url
  await clock.turn(MINUTE)
  t.same(states(), ['delivered'])
  t.same(team.texts(), ['a'])
})

t.test('a burst becomes few messages where the target wants few', async (t) => {
  const { send, clock, other, states } = await set(t, tell('slow'))
  for (let count = 0; count < 50; count++) send({ type: 'pipeline.failed', title: `n${count};` })
  await clock.turn(MINUTE)
  t.ok(other.heard.length <= 5, `${other.heard.length} messages`)
  const all = other.texts().join('\n')
  for (let count = 0; count < 50; count++) t.equal(all.split(`n${count};`).length, 2, `n${count} once`)
  t.ok(states().every((state) => state === 'delivered'))
  const gaps = other.heard.map(({ at }, index) => at - (other.heard[index - 1]?.at ?? -1000))
  t.ok(
    gaps.every((gap) => gap >= 1000),
    'one a second',
  )
})

t.test('group, throttle, delay', async (t) => {
  const { send, clock, other, team, states } = await set(
    t,
    `${channels}  recipes:
    - name: grouped
      on: {type: upload}
      do:
        - post: {channel: chat, text: "{{ event.title }}"}
          group: {for: 5m, by: "{{ event.project }}", text: "{{ count }} in {{ event.project }}: {% for one in events %}{{ one.title }} {% endfor %}"}
    - name: throttled
      on: {type: noise}
      do:
        - post: {channel: team, text: "{{ event.title }}"}
          throttle: {per: 10m, count: 2, by: "{{ event.project }}"}
    - name: delayed
      on: {type: later}
      do:
        - post: {channel: other, text: "{{ event.title }}"}
          delay: 1h
`,
  )
  for (let count = 0; count < 5; count++)
    for (const project of ['p', 'q']) send({ type: 'upload', title: `${project}${count}`, project })
  await clock.turn(4 * MINUTE)
  t.equal(team.heard.length, 0)
  await clock.turn(2 * MINUTE)
  t.same(team.texts().sort(), ['5 in p: p0 p1 p2 p3 p4', '5 in q: q0 q1 q2 q3 q4'])
  t.ok(states().every((state) => state === 'delivered'))

  for (let count = 0; count < 5; count++) send({ type: 'noise', title: `n${count}` })
  await clock.turn(0)
  t.same(team.texts().slice(2), ['n0', 'n1'])
  await clock.turn(10 * MINUTE)
  send({ type: 'noise', title: 'n5' })
  await clock.turn(0)
  t.same(team.texts().slice(4), ['n5'])

  send({ type: 'later', title: 'l' })
  await clock.turn(59 * MINUTE)
  t.equal(other.heard.length, 0)
  await clock.turn(2 * MINUTE)
  t.same(other.texts(), ['l'])
})

t.test('quiet hours', async (t) => {
  const { send, clock, team } = await set(
    t,
    `${channels}  recipes:
    - name: tell
      on: {source: gitlab}
      quiet_hours: {from: "22:00", to: "07:00", except: error}
      do: [{post: {channel: team, text: "{{ event.title }}"}}]
`,
  )
  await clock.turn(10 * HOUR) // 12:00 UTC is 13:00 in Paris
  send({ type: 'x', title: 'waits' })
  send({ type: 'x', title: 'grave', severity: 'error' })
  await clock.turn(7 * HOUR)
  t.same(team.texts(), ['grave'])
  await clock.turn(HOUR)
  t.same(team.texts(), ['grave', 'waits'])
})

t.test('chains: results, conditions, loops over lists, failures, other recipes', async (t) => {
  const { send, clock, team, other, jobs, states } = await set(
    t,
    `  applications: [blog]
${channels}  recipes:
    - name: chain
      on: {type: pipeline.failed}
      if: {path: data.ref, equals: main}
      do:
        - request: {channel: other, body: {ref: "{{ event.data.ref }}", keep: 7}}
          as: asked
        - if: {path: steps.asked.body.ticket, compare: {gt: 5}}
          post: {channel: team, text: "ticket {{ steps.asked.body.ticket }}"}
          else:
            - post: {channel: team, text: "no ticket"}
        - foreach:
            in: data.jobs
            do:
              - post: {channel: team, text: "job {{ item.name }} {{ index }}"}
        - parallel:
            - minion: {restart: blog}
            - minion: {restart: "{{ event.data.ref }}"}
          on_failure:
            - post: {channel: team, text: "failed: {{ error }}"}
        - run: ending
    - name: ending
      on: {type: never}
      do: [{post: {channel: team, text: "end of {{ event.title }}"}}]
`,
  )
  other.say(() => ({ status: 200, body: { ticket: 7 } }))
  const event = {
    type: 'pipeline.failed',
    title: 'p',
    data: { ref: 'main', jobs: [{ name: 'unit' }, { name: 'e2e' }] },
  }
  send({ ...event, data: { ...event.data, ref: 'dev' } })
  send(event)
  await clock.turn(MINUTE)
  t.same(team.texts(), ['ticket 7', 'job unit 0', 'job e2e 1', 'failed: a step within it failed', 'end of p'])
  t.same(other.heard[0]?.body, { ref: 'main', keep: 7 })
  t.match(jobs, [{ kind: 'restart', minion: 'blog', actor: /^recipe chain #\d+$/ }])
  t.same(
    states().filter((state) => state !== 'delivered'),
    ['dead'],
  )
})

t.test('changed, and once per state', async (t) => {
  const { send, clock, team } = await set(
    t,
    `${channels}  recipes:
    - name: tell
      on: {type: "service.*"}
      if: {path: type, changed: true}
      do: [{post: {channel: team, text: "{{ event.subject }} {{ event.type }}"}}]
`,
  )
  for (const [type, subject] of [
    ['service.up', 'a'],
    ['service.down', 'a'],
    ['service.down', 'a'],
    ['service.up', 'b'],
    ['service.up', 'a'],
  ])
    send({ type: type ?? '', subject: subject ?? '' })
  await clock.turn(0)
  t.same(team.texts(), ['a service.down', 'a service.up'])
})

t.test('a recipe that feeds itself is stopped and named', async (t) => {
  const { send, clock, jobs, events, recipes } = await set(
    t,
    `  applications: [blog]
${channels}  recipes:
    - {name: echo, on: {type: minion.started}, do: [{minion: {restart: blog}}]}
    - {name: innocent, on: {type: minion.started}, do: [{post: {channel: team, text: x}}]}
`,
  )
  send({ type: 'minion.started', source: 'summoner', minion: 'blog' })
  for (let round = 0; round < 10; round++) {
    await clock.turn(2_000)
    const job = jobs.at(-1)
    if (job)
      events.append({
        type: 'minion.started',
        title: 'blog was started',
        minion: 'blog',
        data: { job: job.id },
      })
  }
  await clock.turn(2_000)
  t.ok(jobs.length <= 4, `${jobs.length} restarts`)
  const [stopped, more] = events.list({ type: 'recipe.stopped' })
  t.match(stopped, { title: /^The recipe echo fed itself and was stopped: it caused minion.started itself/ })
  t.equal(more, undefined)
  t.match(recipes.runs.stops(), [{ recipe: 'echo' }])
})

t.test('an echo from outside: the issue it made comes back as an event', async (t) => {
  const { send, clock, team, events, recipes } = await set(
    t,
    `  channels: {bugs: {gitlab: {url: {secret: team}, token: {secret: other}, project: a/b}}}
  recipes:
    - name: mirror
      on: {type: issue.opened}
      do: [{issue: {channel: bugs, title: "Copy of {{ event.title }}"}}]
`,
  )
  let number = 0
  team.say(() => ({
    status: 201,
    body: { iid: ++number, web_url: `https://git.example/a/b/-/issues/${number}` },
  }))
  send({ type: 'issue.opened', title: 'first', url: 'https://git.example/x/y/-/issues/1' })
  for (let round = 1; round < 10; round++) {
    await clock.turn(2_000)
    if (number < round) break
    // the hook of GitLab tells of what was just made, each time under another title
    send({ type: 'issue.opened', title: `made ${round}`, url: `https://git.example/a/b/-/issues/${round}` })
  }
  t.equal(number, 3, 'three copies, then no more')
  t.match(events.list({ type: 'recipe.stopped' }), [{ title: /^The recipe mirror fed itself/ }])
  recipes.runs.unstop('mirror')
  send({ type: 'issue.opened', title: 'another', url: 'https://git.example/x/y/-/issues/2' })
  await clock.turn(2_000)
  t.equal(number, 4, 'enabled again, it works')
})

t.test('the same thing again and again', async (t) => {
  const { send, clock, team, recipes } = await set(t, tell())
  for (let count = 0; count < 300; count++) send({ type: 'pipeline.failed', title: `n${count}` })
  for (let count = 0; count < 300; count++) send({ type: 'pipeline.failed', title: 'same' })
  await clock.turn(0)
  t.equal(team.heard.length, 420, 'three hundred different ones are no loop')
  t.match(recipes.runs.stops(), [{ recipe: 'tell', reason: /120|121/ }])
})

t.test('alerts before any recipe exists', async (t) => {
  const { send, events, clock, recipes } = await set(t, '  mail: {host: 127.0.0.1, port: 9}\n  recipes: []\n')
  send({ type: 'push' })
  events.append({ type: 'minion.failed', severity: 'error', title: 'blog: summon failed.', minion: 'blog' })
  events.append({ type: 'minion.unhealthy', severity: 'warning', title: 'blog is unhealthy', minion: 'blog' })
  await clock.turn(90_000)
  const [second, first] = recipes.deliveries.list({})
  t.match(first, { destination: 'mail', state: 'pending', error: /ECONNREFUSED/ })
  t.match(second, { state: 'joined' })
  t.match(JSON.parse(first?.call ?? ''), {
    to: ['ops@box.test'],
    message: { title: /blog: summon failed.*\(\+1\)/, text: /blog is unhealthy/ },
  })
})

t.test('after a stop in the middle everything goes on', async (t) => {
  const { send, clock, team, db, recipes, states } = await set(t, tell())
  team.say(() => 503)
  send({ type: 'pipeline.failed', title: 'a' })
  await clock.turn(100)
  // as a kill -9 leaves it
  db.exec("UPDATE deliveries SET state = 'sending', lease_until = 1")
  team.say(() => 200)
  recipes.dispatcher.start()
  await clock.turn(MINUTE)
  t.same(states(), ['delivered'])
})

t.test('a text that cannot be rendered is told of, and made anew when it is replayed', async (t) => {
  const { send, clock, states, events, recipes, team } = await set(
    t,
    `${channels}  recipes:
    - name: tell
      on: {type: "pipeline.*"}
      do: [{post: {channel: team, text: "{{ event.data.n | divided_by: event.data.d }}{% for a in (1..event.data.n) %}{% endfor %}ok"}}]
`,
  )
  send({ type: 'pipeline.failed', title: 'a', data: { n: 1_000_000_000, d: 1 } })
  await clock.turn(0)
  t.same(states(), ['dead'])
  t.match(events.list({ type: 'recipe.failed' }), [
    { title: /^The recipe tell failed: The text cannot be rendered/ },
  ])
  t.ok(recipes.replay(1))
  await clock.turn(0)
  t.same(states(), ['dead'], 'the same text fails again')
  send({ type: 'pipeline.failed', title: 'b', data: { n: 4, d: 2 } })
  await clock.turn(0)
  t.same(team.texts(), ['2ok'], 'and stops nothing else')
})

t.test('no secret is kept', async (t) => {
  const { send, clock, team, db, secrets } = await set(t, tell())
  secrets['team'] = `${team.url}/s3cret-path`
  team.say(({ path }) => ({ status: 500, body: { path } }))
  send({ type: 'pipeline.failed', title: 'a' })
  await clock.turn(MINUTE)
  const kept = JSON.stringify([
    db.prepare('SELECT * FROM deliveries').all(),
    db.prepare('SELECT * FROM delivery_attempts').all(),
    db.prepare('SELECT * FROM events').all(),
  ])
  t.ok(team.heard.length > 0)
  t.notMatch(kept, /s3cret/)
})
