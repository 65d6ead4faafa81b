import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import type { Config } from '../config/config.ts'
import type { Event, OwnEvent } from '../events/event.ts'
import type { Rendered } from '../templates/rendered.ts'
import { writeApplied, type Applied } from './applied.ts'
import type { Wished } from './plan.ts'
import { createUpdateWatch } from './watch-updates.ts'

t.test('a newer version of the template is told once, and the next one again', async (t) => {
  const recordsDir = mkdtempSync(join(tmpdir(), 'summoner-updates-'))
  t.teardown(() => rmSync(recordsDir, { recursive: true }))
  const services = (tag: string) => [{ service: 'app', image: `nextcloud:${tag}` }]
  const applied = (ready: boolean) =>
    writeApplied(recordsDir, 'cloud', { services: services('34.0.2'), ready } as Applied)
  const told: OwnEvent[] = []
  let tag = '34.0.2'
  const look = createUpdateWatch({
    wishes: {
      list: () => [
        {
          application: { name: 'cloud' },
          rendered: { services: services(tag), web: [{ service: 'app' }] } as unknown as Rendered,
        } as Wished,
        { application: { name: 'broken' }, problem: 'It does not render.' } as Wished,
      ],
    },
    config: () => ({}) as Config,
    recordsDir,
    events: {
      append: (event) => ({ id: told.push(event) }) as Event,
      list: () => told.slice(-1) as Event[],
    },
  })
  look()
  tag = '34.0.3'
  look()
  t.same(told, [], 'never brought up')
  applied(false)
  look()
  t.same(told, [], 'not brought up to the end')
  applied(true)
  look()
  look()
  t.equal(told.length, 1)
  t.match(told[0], { type: 'update.available', minion: 'cloud', data: { from: '34.0.2', to: '34.0.3' } })
  tag = '34.0.4'
  look()
  t.match([told.length, told[1]?.title], [2, 'cloud may be updated from 34.0.2 to 34.0.4: summoner apply'])
})
