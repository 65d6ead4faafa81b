import t from 'tap'
import type { Config } from '../../config/config.ts'
import { SummonerError } from '../../errors.ts'
import { createDoctor } from '../doctor.ts'
import { configCheck } from './config.ts'
import { diskCheck } from './disk.ts'

t.test('a file that can be read', async (t) => {
  const config = { applications: [{}, {}] } as Config
  t.match(await configCheck({ config: () => config }).run(), { state: 'ok', detail: /^2 minions/u })
})

t.test('a wrong file is told once, with its place; what needs it is skipped', async (t) => {
  const config = (): never => {
    throw new SummonerError('config.invalid', 'unknown key "domian"', {
      at: { path: '/srv/config.yml', line: 2, column: 3 },
    })
  }
  const disk = diskCheck({
    files: { space: () => Promise.reject(new Error('unasked')) },
    folders: async () => config(),
  })
  const { checks, ok } = await createDoctor([configCheck({ config }), disk])()
  t.equal(ok, false)
  t.match(checks[0], {
    state: 'fail',
    detail: 'unknown key "domian"\n/srv/config.yml:2:3',
    hint: /Correct the line/u,
  })
  t.match(checks[1], { state: 'skip', detail: /needs a config\.yml/u })
})
