import type { Exec } from '../../docker/container.ts'
import type { Check } from '../doctor.ts'
import type { HostFiles } from '../host.ts'

/** No release of this program is older: a clock before it is wrong for certain. */
const EARLIEST = Date.UTC(2026, 0, 1)
const LATEST = Date.UTC(2100, 0, 1)
const HINT = 'Certificates and schedules need the right time: `timedatectl set-ntp true`, or install chrony.'

export interface ClockDeps {
  exec: Exec
  files: Pick<HostFiles, 'stat'>
  now: () => number
}

export const clockCheck = ({ exec, files, now }: ClockDeps): Check => ({
  id: 'clock',
  title: 'Clock',
  run: async () => {
    const at = now()
    const detail = `It is ${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`
    if (at < EARLIEST || at > LATEST)
      return { state: 'fail', detail: `${detail}: that cannot be.`, hint: HINT }
    const synchronised = await isSynchronised(exec, files)
    if (synchronised === undefined)
      return { state: 'ok', detail: `${detail}; who keeps it right could not be asked.` }
    return synchronised
      ? { state: 'ok', detail: `${detail}, kept by NTP.` }
      : { state: 'warn', detail: `${detail}, but nothing keeps it right.`, hint: HINT }
  },
})

/** undefined where the host cannot tell (no systemd, a container). */
async function isSynchronised(exec: Exec, files: Pick<HostFiles, 'stat'>): Promise<boolean | undefined> {
  const said = await exec(['timedatectl', 'show', '--property=NTPSynchronized', '--value'], {
    timeoutMs: 5000,
  }).then(
    ({ stdout }) => stdout.trim(),
    () => '',
  )
  if (said === 'yes') return true
  const marked = await files.stat('/run/systemd/timesync/synchronized').then(
    () => true,
    () => false,
  )
  if (marked) return true
  return said === 'no' ? false : undefined
}
