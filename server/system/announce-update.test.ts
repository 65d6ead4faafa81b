import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import type { OwnEvent } from '../events/event.ts'
import { announceUpdate } from './announce-update.ts'

t.test('another version than last time is told once', async (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'summoner-version-'))
  t.teardown(() => rmSync(dir, { recursive: true }))
  const told: OwnEvent[] = []
  const events = { append: (event: OwnEvent) => ({ id: told.push(event) }) as never }
  const start = (version: string) => announceUpdate({ file: join(dir, 'version'), version, events })
  start('0.1.0')
  start('0.1.0')
  t.same(told, [], 'the first start is no update')
  start('0.2.0')
  start('0.2.0')
  t.match(told, [{ type: 'update.installed', data: { from: '0.1.0', to: '0.2.0' } }])
  t.equal(told.length, 1)
})
