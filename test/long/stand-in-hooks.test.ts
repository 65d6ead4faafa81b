import t from 'tap'
import { join } from 'node:path'
import { createBox } from '../box.ts'
import { hookUp } from '../stand-ins/hook-up.ts'
import { installStandIns } from '../stand-ins/stand-ins.ts'

/** Signed webhooks of the tools that test/stand-ins.test.ts has no room for, taken by our own sources. */
const TOOLS = ['forgejo', 'sonarqube', 'taiga']
const box = await createBox({
  config: `  applications: ${TOOLS.join(' ')}\n`,
  templates: [],
  catalogue: TOOLS,
  boot: false,
})
t.teardown(() => box.remove())
installStandIns(join(box.dir, 'minions'), TOOLS)
await box.boot()

t.test('they run', { timeout: 900_000 }, async (t) => {
  for (const job of await box.apply()) t.equal(job.state, 'succeeded', JSON.stringify(job.problem))
})

for (const tool of TOOLS) t.test(tool, { timeout: 120_000 }, (t) => hookUp(t, box, tool))
