/** A tool of the box sends a webhook to the box itself: set up as a person would, judged by the event that comes of it. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Test } from 'tap'
import type { Event } from '../../server/events/event.ts'
import type { Box } from '../box.ts'
import type { Account } from '../levels/level.ts'
import { createVisitor } from '../visitor.ts'
import { SENDERS } from './senders.ts'

interface Address {
  inside: string
  secret?: string
}

export async function accountOf(box: Box, minion: string): Promise<Account> {
  return (await box.api<{ admin: Account }>('GET', `/minions/${minion}/secrets`)).body.admin
}

export async function eventsOf(box: Box, source: string): Promise<Event[]> {
  return (await box.api<{ events: Event[] }>('GET', `/events?source=${source}&limit=50`)).body.events
}

/** `way`: another origin than the box's own, for a tool that speaks to public addresses only. */
export async function hookUp(t: Test, box: Box, tool: string, way?: string): Promise<void> {
  const sender = SENDERS[tool]
  if (!sender) throw new Error(`nobody knows how ${tool} sends webhooks`)
  const account = await accountOf(box, tool)
  const visitor = createVisitor(box, `${tool}.${box.domain}`)
  const named = tool === 'mattermost' ? { secret: { secret: `${tool}-token` } } : {}
  const { status, body } = await box.api<Address>('POST', '/sources', {
    name: tool,
    type: tool,
    minion: tool,
    ...named,
  })
  t.equal(status, 201, JSON.stringify(body))
  const url = way === undefined ? body.inside : way + new URL(body.inside).pathname
  const token = await sender.connect(visitor, account, { url, secret: body.secret ?? '' })
  if (token !== undefined) {
    const kept = await box.cli(['secret', 'set', `${tool}-token`], token)
    t.equal(kept.code, 0, kept.stderr)
  }
  await sender.act(visitor, account)
  let found: Event | undefined
  for (const end = Date.now() + 30_000; !found && Date.now() < end; await sleep(200))
    found = (await eventsOf(box, tool)).find(({ type }) => type === sender.event)
  t.match(found, { type: sender.event, source: tool, minion: tool, ...sender.says }, `${tool} was understood`)
  const { body: list } = await box.api<{ sources: { name: string; accepted: number; refused: object }[] }>(
    'GET',
    '/sources',
  )
  const { accepted, refused } = list.sources.find(({ name }) => name === tool) ?? {}
  t.same({ accepted, refused }, { accepted: 1, refused: {} }, 'by its first try')
}
