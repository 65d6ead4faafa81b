/** The verbs whose crashes are tried, in the short tier a few times and in the long tier often. */
import { readFileSync, writeFileSync } from 'node:fs'
import type { killRounds } from './kill-rounds.ts'

type Verb = Parameters<typeof killRounds>[3]

export function crashVerbs(): Verb[] {
  const absent: Verb['before'] = async ({ box, name }) => {
    if ((await box.api('GET', `/minions/${name}`)).status === 200) await box.run('DELETE', `/minions/${name}`)
  }
  const present: Verb['before'] = async ({ box, name }) => {
    const { status } = await box.api('GET', `/minions/${name}`)
    const job = status === 404 ? await box.run('POST', '/minions', { template: 'hello', name }) : undefined
    if (job && job.state !== 'succeeded') throw new Error(JSON.stringify(job.problem))
  }
  const serves: Verb['check'] = async ({ t, box, host }, minion) => {
    t.equal(minion?.status, 'running', minion?.reason ?? 'running')
    t.equal((await box.visit(host)).status, 200, 'it answers')
  }
  let edition = 0
  return [
    {
      name: 'summon',
      spanMs: 4_000,
      before: absent,
      begin: async ({ box, name }) => void (await box.api('POST', '/minions', { template: 'hello', name })),
      check: serves,
    },
    {
      name: 'dismiss',
      spanMs: 3_500,
      before: present,
      begin: async ({ box, name }) => void (await box.api('DELETE', `/minions/${name}`)),
      check: ({ t }, minion) => void t.equal(minion, undefined, 'it is gone'),
    },
    {
      name: 'apply',
      spanMs: 5_000,
      before: async (round) => {
        await present(round)
        const entry = `{name: ${round.name}, template: hello, env: {GREETING: edition-${++edition}}}`
        const text = readFileSync(round.box.configFile, 'utf8')
        writeFileSync(
          round.box.configFile,
          text.replace(new RegExp(`\\{name: ${round.name}, .*\\}(?=\\])`), entry),
        )
      },
      begin: async ({ box }) => void (await box.api('POST', '/config/apply', { yes: true })),
      check: async (round, minion) => {
        await serves(round, minion)
        round.t.match((await round.box.visit(round.host)).body, `edition-${edition}`, 'the change is there')
        round.t.equal(minion?.pending, false)
      },
    },
    {
      name: 'restart',
      spanMs: 4_000,
      before: present,
      begin: async ({ box, name }) => void (await box.api('POST', `/minions/${name}/restart`)),
      check: serves,
    },
  ]
}
