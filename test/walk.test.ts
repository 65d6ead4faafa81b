/** A newcomer's evening with the box as far as a restored site; test/long/walk.test.ts goes on to its end. */
import t from 'tap'
import { openEvening } from './newcomer.ts'

t.setTimeout(1_500_000)
const evening = await openEvening(t, 'newcomer')
for (const chapter of ['install', 'tools', 'connect', 'recipe', 'breakdown', 'restore', 'calm'] as const)
  await evening[chapter]()
