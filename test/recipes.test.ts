/** Recipes in a whole daemon: from nothing to a message by the commands of docs/recipes.md, and through a kill -9. */
import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { createBox } from './box.ts'

interface Heard {
  path: string
  id: string
  body: { text?: string }
}

t.test('recipes', { timeout: 120_000 }, async (t) => {
  const heard: Heard[] = []
  let status = 200
  const chat = createServer((request, response) => {
    let text = ''
    request.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
    request.on('end', () => {
      heard.push({
        path: request.url ?? '',
        id: String(request.headers['idempotency-key']),
        body: JSON.parse(text) as Heard['body'],
      })
      response.writeHead(status).end('ok')
    })
  })
  await new Promise<void>((resolve) => chat.listen(0, '127.0.0.1', resolve))
  const { port } = chat.address() as AddressInfo
  const box = await createBox({
    templates: [],
    config: '  applications: []\n  outgoing: {allow: [127.0.0.1]}\n',
  })
  t.teardown(async () => {
    await box.remove()
    chat.closeAllConnections()
    chat.close()
  })
  const until = async (what: string, fits: () => boolean | Promise<boolean>) => {
    for (const deadline = Date.now() + 20_000; !(await fits()); await sleep(50))
      if (Date.now() > deadline) return t.fail(`${what}: ${JSON.stringify(heard)}\n${box.log().slice(-3000)}`)
    return t.pass(what)
  }
  const cli = async (args: string[], input?: string) => {
    const answer = await box.cli(args, input)
    t.equal(answer.code, 0, args.join(' '), answer)
    return answer.stdout
  }

  t.match(await cli(['channels']), /No channels yet/)
  t.match(
    await cli(['channels', 'add', 'team', 'mattermost'], `http://127.0.0.1:${port}/hooks/s3cret-path\n`),
    /is in config.yml/,
  )
  t.match(await cli(['channels', 'test', 'team']), /took the message/)
  t.match(heard, [{ path: '/hooks/s3cret-path', body: { text: 'Summoner can write here.' } }])
  t.match(await cli(['channels']), /Ready +team +mattermost/)
  const hook = JSON.parse(await cli(['hooks', 'add', 'gitlab', '--json'])) as { url: string; secret: string }
  t.match(await cli(['recipes', 'starters']), /pipeline-failed +A failed pipeline/)
  t.match(await cli(['recipes', 'add', 'pipeline-failed']), /at work/)
  t.match(await cli(['recipes']), /On +pipeline-failed +gitlab pipeline.failed +post team/)
  const event = JSON.stringify({
    type: 'pipeline.failed',
    source: 'gitlab',
    title: 'pipeline failed on main of acme/shop',
    url: 'https://git.example/acme/shop/-/pipelines/812',
    actor: { name: 'Mira Holt' },
    data: { commit: { title: 'Fix *tax*' } },
  })
  const trial = await cli(['recipes', 'test', 'pipeline-failed', '--file', '-'], event)
  t.match(trial, /🔴 \[pipeline failed on main of acme\/shop\]\(https:.*812\): Fix \\\*tax\\\* \(Mira Holt\)/)
  t.match(trial, /Nothing was sent/)
  const recorded = ['--source', 'gitlab', '--file', 'test/fixtures/webhooks/gitlab/pipeline-failed.json']
  t.match(await cli(['recipes', 'test', 'pipeline-failed', ...recorded]), /🔴 \[.*failed.*\]\(https:/u)
  const alien = JSON.stringify({ zen: 'x', hook_id: 1 })
  const ping = ['--source', 'github', '--header', 'X-GitHub-Event: ping', '--file', '-']
  t.match(await cli(['recipes', 'test', 'pipeline-failed', ...ping], alien), /does nothing with this event/)
  t.match((await box.cli(['__complete', 'recipes', 'test', 'pi'])).stdout, /^pipeline-failed\t/)
  t.match((await box.cli(['__complete', 'recipes', 'add', 'x', '--channel', ''])).stdout, /^team\t/)
  t.match((await box.cli(['__complete', 'recipes', 'add', 'tag'])).stdout, /^tag-redeploy\t/)
  t.equal(heard.length, 1, 'nothing left the house')

  // as GitLab sends it
  const pipeline = JSON.stringify({
    object_kind: 'pipeline',
    object_attributes: {
      id: 812,
      iid: 44,
      ref: 'main',
      status: 'failed',
      url: 'https://git.example/acme/shop/-/pipelines/812',
    },
    user: { id: 5, name: 'Mira Holt', username: 'mira' },
    project: {
      id: 12,
      name: 'shop',
      web_url: 'https://git.example/acme/shop',
      path_with_namespace: 'acme/shop',
    },
    commit: {
      id: 'c0ffee',
      title: 'Fix tax rounding',
      author: { name: 'Mira Holt', email: 'mira@git.example' },
    },
    builds: [],
  })
  const sent = await new Promise<number>((resolve, reject) => {
    const webhook = request({
      socketPath: join(box.data, 'run/web/web.sock'),
      method: 'POST',
      path: new URL(hook.url).pathname,
      headers: {
        host: new URL(hook.url).host,
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(pipeline),
        'x-gitlab-event': 'Pipeline Hook',
        'x-gitlab-event-uuid': 'u1',
        'x-gitlab-token': hook.secret,
      },
    })
    webhook.once('response', (response) => resolve(response.resume().statusCode ?? 0))
    webhook.once('error', reject)
    webhook.end(pipeline)
  })
  t.equal(sent, 202)
  await until('a failed pipeline is told in the channel', () => heard.length === 2)
  t.match(
    heard[1]?.body.text,
    /^🔴 \[.*failed.*\]\(https:\/\/git\.example\/acme\/shop\/-\/pipelines\/812\): Fix tax rounding \(Mira Holt\)$/u,
  )
  t.match(await cli(['recipes', 'test', 'pipeline-failed']), /✔ on.type: "pipeline.failed"/)

  const wrong = await box.cli(['recipes', 'add', 'uploda'])
  t.match([wrong.code, wrong.stderr], [1, /did you mean "upload"/])
  t.match((await box.cli(['recipes', 'add', 'tag-redeploy'])).stderr, /needs a minion; there is none yet/)

  // one of its own events, so that it needs no tool
  const own = {
    name: 'changes',
    on: { type: 'config.changed' },
    do: [{ post: { channel: 'team', text: '{{ event.title }}' } }],
  }
  t.equal((await box.api('POST', '/recipes', { recipe: own })).status, 201)
  const told = heard.length
  await cli(['recipes', 'disable', 'pipeline-failed'])
  await until('a change is told', () => heard.length > told)
  t.match(await cli(['deliveries']), /delivered +changes +channel:team/)

  // a kill -9 while the receiver is down: nothing is lost, nothing comes twice under another id
  status = 503
  await cli(['recipes', 'enable', 'pipeline-failed'])
  const before = heard.length
  await until('it is tried', () => heard.length > before)
  await box.kill('SIGKILL')
  status = 200
  await box.boot()
  const { body } = await box.api<{ deliveries: { id: number; state: string }[] }>(
    'GET',
    '/deliveries?state=pending',
  )
  for (const { id } of body.deliveries) await box.api('POST', `/deliveries/${id}/replay`)
  await until('it is delivered after the start', async () => {
    const { body: now } = await box.api<{ deliveries: { state: string }[] }>('GET', '/deliveries')
    return now.deliveries.every(({ state }) => state === 'delivered' || state === 'joined')
  })
  t.equal(new Set(heard.slice(before).map(({ id }) => id)).size, 1, 'one id in every try')

  t.match(
    (await box.cli(['recipes', 'test', 'pipeline-failed', '--event', '999999'])).stderr,
    /no event 999999/,
  )
  const one = await box.api<{ delivery: { id: number }; tries: unknown[] }>('GET', '/deliveries/1')
  t.match([one.status, one.body.tries.length], [200, 1])
  t.match(await cli(['deliveries', 'replay', '1']), /1 will be sent again/)
  await until('it is sent again', () => heard.at(-1)?.id === heard[1]?.id)
  t.equal((await box.api('GET', '/deliveries/999')).status, 404)

  // the guard: an address inside is refused, and the answer names no secret
  const { body: config } = await box.api<{ text: string; etag: string }>('GET', '/config')
  await box.api(
    'PUT',
    '/config',
    { text: config.text.replace(/ {2}outgoing:.*\n/u, '') },
    { 'if-match': config.etag },
  )
  const refused = await box.cli(['channels', 'test', 'team'])
  t.match([refused.code, refused.stderr], [1, /127\.0\.0\.1 is not a public address/])

  const everything = JSON.stringify([
    (await box.api('GET', '/deliveries?limit=1000')).body,
    (await box.api('GET', '/events?limit=1000')).body,
    (await box.api('GET', '/channels')).body,
    (await box.api('GET', '/recipes')).body,
    (await box.api('GET', '/config')).body,
    box.log(),
    refused,
  ])
  t.notMatch(everything, /s3cret-path/)
})
