import t from 'tap'
import { dataCheck } from './data.ts'

const directories = {
  data: '/d',
  minions: '/d/minions',
  certificates: '/d/certificates',
  run: '/d/run',
  adminSocket: '/d/run/admin/api.sock',
}
const check = (modes: Record<string, number>, uid = 0) =>
  dataCheck({
    files: {
      stat: async (path) => {
        const mode = modes[path]
        if (mode === undefined) throw new Error('ENOENT')
        return { mode, uid, directory: path === '/d' }
      },
      list: async () => ['cloud'],
    },
    directories,
    uid: 0,
  }).run()

t.test('good: closed to others', async (t) => {
  t.match(await check({ '/d': 0o755, '/d/minions/cloud/.env': 0o600, '/d/run/admin/api.sock': 0o660 }), {
    state: 'ok',
  })
})
t.test('bad: missing, foreign, open', async (t) => {
  t.match(await check({}), { state: 'fail', hint: /install/u })
  t.match(await check({ '/d': 0o755 }, 1000), { state: 'warn', hint: /chown 0 \/d/u })
  t.match(await check({ '/d': 0o777, '/d/minions/cloud/.env': 0o644, '/d/run/admin/api.sock': 0o666 }), {
    state: 'warn',
    detail: /^3 places are open/u,
    hint: 'Run as root:\nchmod go-w /d\nchmod o-rwx /d/minions/cloud/.env\nchmod o-rwx /d/run/admin/api.sock',
  })
})
