import t from 'tap'
import { webhookSoak } from '../webhook-soak.ts'

/** The full count of test/soak.test.ts; COUNT makes it shorter. */
const count = Number(process.env['COUNT'] ?? 100_000)
const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000)
t.comment(`SEED=${seed} COUNT=${count}`)
t.setTimeout(0)
t.test('webhooks, receivers that fail and hang, three kill -9', { timeout: 0 }, (t) =>
  webhookSoak(t, { count, channels: 400, kills: 3, seed, speed: 2_000, clients: 60, withinMs: 3_600_000 }),
)
