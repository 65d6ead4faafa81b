import t from 'tap'
import { needsCheck } from './needs.ts'

const need = { detail: 'vm.max_map_count is 1.', hint: 'Raise it.' }
t.test('what the host lacks is said for each minion', async (t) => {
  t.match(await needsCheck({ unmet: async () => [{ name: 'blog', needs: [] }] }).run(), { state: 'ok' })
  const found = await needsCheck({
    unmet: async () => [
      { name: 'blog', needs: [] },
      { name: 'logs', needs: [need] },
    ],
  }).run()
  t.match(found, { state: 'fail', detail: 'logs: vm.max_map_count is 1.', hint: 'Raise it.' })
})
