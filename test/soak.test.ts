import t from 'tap'
import { webhookSoak } from './webhook-soak.ts'

/** A slice of test/long/soak.test.ts. */
const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000)
t.setTimeout(300_000)
t.comment(`SEED=${seed}`)
t.test('3,000 webhooks, receivers that fail and hang, a kill -9', { timeout: 240_000 }, (t) =>
  webhookSoak(t, { count: 3_000, channels: 60, kills: 1, seed, speed: 5_000, withinMs: 150_000 }),
)
