/** A server that is lost with all that lay on it, and another one that becomes it: for tests of whole recoveries. */
import { rmSync, writeFileSync } from 'node:fs'
import type { Test } from 'tap'
import type { Recovery } from '../server/backups/recovery/recovery-file.ts'
import { succeeded, until } from './aftermath.ts'
import { engine, type Box } from './box.ts'

/** Containers, networks, data and config.yml go; the password on the recovery sheet is what stays. */
export async function loseBox(t: Test, box: Box): Promise<string> {
  const { stdout } = await box.cli(['recovery-sheet'])
  const password = /^Password of every repository: (.+)$/m.exec(stdout)?.[1] ?? ''
  t.ok(password, 'the sheet has the password')
  const projects = new Set<string>()
  await box.kill('SIGKILL')
  for (const { id, project } of await engine.listContainers({ labels: [`io.summoner.box=${box.boxId()}`] })) {
    if (project) projects.add(project)
    await engine.remove(id)
  }
  for (const { id, labels } of await engine.listNetworks())
    if (projects.has(labels['com.docker.compose.project'] ?? '')) await engine.removeNetwork(id)
  rmSync(box.data, { recursive: true })
  writeFileSync(box.configFile, 'summoner:\n  domain: localhost\n')
  return password
}

/** Seconds until all of it is back, from a destination's address and that password. */
export async function recoverBox(t: Test, box: Box, from: string, password: string): Promise<number> {
  const since = performance.now()
  const { code, stderr } = await box.script('scripts/host/recover.ts', [from], {
    SUMMONER_RESTORE_PASSWORD: password,
  })
  t.equal(code, 0, stderr)
  await box.boot()
  let job = ''
  await until('the recovery', async () => {
    job = (await box.api<{ job?: string }>('GET', '/recovery')).body.job ?? ''
    return job !== ''
  })
  succeeded(t, await box.ended(job, 1_800_000))
  const { body } = await box.api<{ recovery: Recovery }>('GET', '/recovery')
  t.match(body.recovery, { state: 'ended', failed: {} })
  return Math.round((performance.now() - since) / 1000)
}
