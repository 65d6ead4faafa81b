import t from 'tap'
import { clockCheck } from './clock.ts'
import { execOf } from './exec.fixture.ts'

const ASK = 'timedatectl show --property=NTPSynchronized --value'
const check = (at: number, said?: string, marker = false) =>
  clockCheck({
    exec: execOf(said === undefined ? {} : { [ASK]: said }),
    files: {
      stat: async () => {
        if (!marker) throw new Error('ENOENT')
        return { mode: 0o644, uid: 0, directory: false }
      },
    },
    now: () => at,
  }).run()
const good = Date.UTC(2026, 10, 21, 9, 30)

t.test('good: kept by NTP, or nobody to ask', async (t) => {
  t.match(await check(good, 'yes\n'), { state: 'ok', detail: 'It is 2026-11-21 09:30 UTC, kept by NTP.' })
  t.match(await check(good, 'no\n', true), { state: 'ok' })
  t.match(await check(good), { state: 'ok', detail: /could not be asked/u })
})
t.test('bad: impossible, or left alone', async (t) => {
  t.match(await check(0, 'yes'), { state: 'fail', detail: /1970/u, hint: /timedatectl/u })
  t.match(await check(Date.UTC(2150, 0), 'yes'), { state: 'fail' })
  t.match(await check(good, 'no\n'), { state: 'warn', hint: /chrony/u })
})
