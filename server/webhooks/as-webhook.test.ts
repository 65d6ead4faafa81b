import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import type { SourceWish } from '../config/config.ts'
import { eventsOf } from './as-webhook.ts'

const now = new Date('2026-11-21T08:00:00Z')
const sources: SourceWish[] = [{ name: 'forge', type: 'gitlab', minion: 'git' }]
const recorded = (tool: string, name: string) =>
  JSON.parse(
    readFileSync(join(import.meta.dirname, `../../test/fixtures/webhooks/${tool}/${name}.json`), 'utf8'),
  ) as { headers: Record<string, string>; body: object }

t.test('a recorded webhook is the event that its source makes of it', async (t) => {
  const { body, headers } = recorded('gitlab', 'pipeline-failed')
  for (const source of ['forge', 'gitlab'])
    t.match(eventsOf({ source, body, headers }, { sources }, now), [
      { id: 0, type: 'pipeline.failed', source: 'forge', severity: 'error', data: { ref: 'main' } },
    ])
  t.match(eventsOf({ source: 'forge', body: JSON.stringify(body) }, { sources }, now), [{ minion: 'git' }])
  const push = { ref: 'refs/heads/main', repository: { full_name: 'acme/shop' }, commits: [] }
  t.match(
    eventsOf({ source: 'github', body: push, headers: { 'X-GitHub-Event': 'push' } }, { sources }, now),
    [{ type: 'push', project: 'acme/shop' }],
  )
  t.match(
    eventsOf(
      { source: 'mattermost', body: 'token=x&command=%2Fshop&text=open&user_name=mira' },
      { sources },
      now,
    ),
    [{ type: 'command.called' }],
    'a form',
  )
})

t.test('what is no webhook of that source', async (t) => {
  t.throws(() => eventsOf({ source: 'gitlap', body: {} }, { sources }, now), {
    code: 'source.unknown',
    message: /did you mean "gitlab"/,
  })
  t.throws(() => eventsOf({ source: 'forge', body: '{"a":' }, { sources }, now), { code: 'recipe.event' })
})
