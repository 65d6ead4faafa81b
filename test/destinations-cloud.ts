/** One destination that only a server speaks for: a set goes there and is read back, a wrong password is said, restic alone gives it back. */
import type { Test } from 'tap'
import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { succeeded } from './aftermath.ts'
import { setsOf } from './backup-box.ts'
import { createBox } from './box.ts'
import { becomes } from './destinations-rig.ts'

export interface Cloud {
  /** As config.yml has it. */
  to: string
  /** Names of variables -> values, as restic and rclone read them. */
  env: Record<string, string>
  /** The one of them that is a secret. */
  secret: string
}

export async function cloudDestination(t: Test, { to, env, secret }: Cloud): Promise<void> {
  const box = await createBox({ boot: false })
  t.teardown(() => box.remove())
  mkdirSync(join(box.dir, 'minions/own'))
  writeFileSync(join(box.dir, 'minions/own/note'), 'kept far away')
  const variables = Object.keys(env).map((name) =>
    name === secret ? `${name}: {secret: cloud}` : `${name}: ${JSON.stringify(env[name])}`,
  )
  const off = '    dump: "off"\n    cold: "off"\n    prove: "off"\n    check: "off"\n'
  writeFileSync(
    box.configFile,
    `${readFileSync(box.configFile, 'utf8')}  backups:\n${off}    destinations:\n      - {name: far, to: "${to}", env: {${variables.join(', ')}}}\n`,
  )
  await box.boot()
  const say = async (value: string) => t.equal((await box.cli(['secret', 'set', 'cloud'], value)).code, 0)
  const backUp = async () => {
    succeeded(t, await box.run('POST', '/minions/summoner/backup'))
    return (await setsOf(box, 'summoner'))[0]!
  }

  await say('not-the-right-word')
  await backUp()
  const refused = await becomes(box, 'far', 'failed')
  t.ok(refused.problem, `a wrong password is red: ${JSON.stringify(refused.problem)}`)

  await say(env[secret] ?? '')
  const set = await backUp()
  t.match(await becomes(box, 'far', 'ok'), { missing: 0, newest: set.at })
  const { code } = await box.cli(['destinations', 'check', 'far', '--all'])
  t.equal(code, 0, 'every byte is read back')
  const restic = (words: string[]) =>
    execFileSync(
      'restic',
      ['--no-cache', '--password-file', join(box.data, 'state/repository-password'), ...words],
      { encoding: 'utf8', env: { ...process.env, ...env, RESTIC_REPOSITORY: to } },
    )
  const note = join(box.dir, 'minions/own/note')
  t.equal(restic(['dump', '--tag', `set=${set.id},part=data`, 'latest', note]), 'kept far away')
  t.notMatch(box.log(), new RegExp(env[secret] ?? 'never'), 'the log knows no secret')
}
