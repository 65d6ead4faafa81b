/** The room of webhooks in a process of its own, whose memory a test may look at: argv 2 is its socket. */
import { createHookBox } from './hooks.fixture.ts'

const box = await createHookBox([
  { name: 'any', type: 'generic', rate: 100_000 },
  { name: 'git', type: 'gitlab', rate: 100_000 },
])
const any = box.hooks.sources.create('any', 'test')
const git = box.hooks.sources.create('git', 'test')
await box.app.listen({ path: process.argv[2] ?? '' })
process.on('SIGTERM', () => void box.close().then(() => process.exit(0)))
process.stdout.write(`${JSON.stringify({ any, git })}\n`)
