/** How the server is: processor, memory, disk with what is left of it in time. */
import type { Host as Found } from '../../../server/samples/sample.ts'
import { bytes, now, number, percent, t, unit } from '../i18n/i18n.ts'

export const daysToFull = (host: Found): number | undefined => {
  const days = host.disks
    .map(({ fullAt }) =>
      fullAt === undefined ? undefined : Math.floor((Date.parse(fullAt) - now.value) / 86_400_000),
    )
    .filter((one) => one !== undefined)
  return days.length > 0 ? Math.max(0, Math.min(...days)) : undefined
}
export const diskUsed = (host: Found): number =>
  Math.max(0, ...host.disks.map(({ used, total }) => used / total))

export function Host({ host }: { host: Found }) {
  const { memory, load, cpus, cpu } = host
  return (
    <section class="stack" aria-labelledby="host">
      <h2 id="host">{t('host')}</h2>
      <div class="card host">
        <Figure
          label={t('host.cpu')}
          share={(cpu ?? ((load[0] ?? 0) / cpus) * 100) / 100}
          value={cpu === undefined ? '' : percent(cpu)}
          more={t('host.load', { load: number(load[0] ?? 0, 1), n: cpus })}
        />
        <Figure
          label={t('host.memory')}
          share={memory.used / memory.total}
          value={t('container.of', { used: bytes(memory.used), all: bytes(memory.total) })}
          more={t('host.free', { size: bytes(memory.available) })}
        />
        {host.disks.map((disk) => {
          const left = disk.fullAt && Math.floor((Date.parse(disk.fullAt) - now.value) / 86_400_000)
          return (
            <Figure
              label={host.disks.length > 1 ? t('host.disk.of', { path: disk.path }) : t('host.disk')}
              share={disk.used / disk.total}
              value={t('container.of', { used: bytes(disk.used), all: bytes(disk.total) })}
              more={
                typeof left === 'number' && left < 3650
                  ? t('host.full', { left: unit(Math.max(0, left), 'day') })
                  : t('host.free', { size: bytes(disk.free) })
              }
            />
          )
        })}
      </div>
    </section>
  )
}

function Figure({
  label,
  share,
  value,
  more,
}: {
  label: string
  share: number
  value: string
  more: string
}) {
  const part = Math.min(1, Math.max(0, share))
  const tone = part > 0.95 ? 'bad' : part > 0.85 ? 'warn' : ''
  return (
    <div>
      <div class="spread">
        <span class="strong">{label}</span>
        <span class="small numbers">{value}</span>
      </div>
      <div
        class={`meter ${tone}`}
        role="meter"
        aria-label={label}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={Math.round(part * 100)}
      >
        <i style={{ width: `${part * 100}%` }} />
      </div>
      <div class="small faint numbers">{more}</div>
    </div>
  )
}
