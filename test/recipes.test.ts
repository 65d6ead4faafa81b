/** Recipes in a whole daemon: from nothing to a message by the commands of docs/recipes.md, and through a kill -9. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
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
    config:
      '  applications: []\n  outgoing: {allow: [127.0.0.1]}\n  sources: [{name: gitlab, type: gitlab}]\n',
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
  t.match(await cli(['recipes', 'starters']), /pipeline-failed +A failed pipeline/)
  t.match(await cli(['recipes', 'add', 'pipeline-failed', '--channel', 'team']), /at work/)
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
  t.equal(heard.length, 1, 'nothing was sent')
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
  await cli(['recipes', 'disable', 'pipeline-failed'])
  await until('a change is told', () => heard.length >= 2)
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
