import { useEffect, useState } from 'preact/hooks'
import type { LogLine as Line } from '../../../server/minions/logs.ts'
import type { Minion } from '../../../server/minions/minion.ts'
import { part } from '../api/client.ts'
import { follow } from '../api/follow.ts'
import type { Trouble } from '../api/problem.ts'
import { t } from '../i18n/i18n.ts'
import { ByHand } from '../parts/copy.tsx'
import { SelectField } from '../parts/field.tsx'
import { LogView, type LogLine } from '../parts/log-view.tsx'
import { TroubleNote } from '../parts/note.tsx'

const KEPT = 5_000
const SINCE = ['', '1', '24', '168'] as const

export function Logs({ minion }: { minion: Minion }) {
  const services = [...new Set(minion.containers.map(({ service }) => service))].filter(Boolean)
  const [service, setService] = useState('')
  const [hours, setHours] = useState('')
  const [lines, setLines] = useState<readonly LogLine[]>([])
  const [refused, setRefused] = useState<Trouble | undefined>(undefined)
  useEffect(() => {
    setLines([])
    setRefused(undefined)
    const stopped = new AbortController()
    let waiting: LogLine[] = []
    let timer: ReturnType<typeof setTimeout> | undefined
    let count = 0
    let newest = ''
    const show = () => {
      timer = undefined
      const more = waiting
      waiting = []
      // the first lines of several containers come one container after the other
      setLines((before) => {
        const all = [...before, ...more].slice(-KEPT)
        return all.some((line, index) => (all[index - 1]?.at ?? '') > (line.at ?? ''))
          ? all.sort((a, b) => ((a.at ?? '') < (b.at ?? '') ? -1 : 1))
          : all
      })
    }
    const query = new URLSearchParams({ tail: hours ? '5000' : '500' })
    if (service) query.set('service', service)
    if (hours) query.set('since', new Date(Date.now() - Number(hours) * 3_600_000).toISOString())
    void follow(`/minions/${part(minion.name)}/logs?${query}`, {
      signal: stopped.signal,
      onRefused: setRefused,
      onState(state) {
        // it begins again with the last lines
        if (state === 'lost') newest = waiting.at(-1)?.at ?? newest
      },
      onMessage({ data }) {
        const line = JSON.parse(data) as Line
        if (newest !== '' && line.at <= newest) return
        waiting.push({
          key: count++,
          at: line.at,
          who: line.service,
          line: line.line,
          error: line.stream === 'stderr',
        })
        timer ??= setTimeout(show, 80)
      },
    })
    return () => {
      stopped.abort()
      clearTimeout(timer)
    }
  }, [minion.name, service, hours])
  return (
    <div class="stack">
      <div class="row wide" style={{ alignItems: 'flex-end' }}>
        {services.length > 1 && (
          <SelectField
            label={t('logs.service')}
            value={service}
            onChange={setService}
            choices={[
              { value: '', label: t('logs.all') },
              ...services.map((one) => ({ value: one, label: one })),
            ]}
          />
        )}
        <SelectField
          label={t('logs.since')}
          value={hours}
          onChange={setHours}
          choices={SINCE.map((one) => ({
            value: one,
            label: one === '' ? t('logs.last') : t(`logs.since.${one}`),
          }))}
        />
      </div>
      {refused && <TroubleNote trouble={refused} />}
      <LogView lines={lines} following label={t('logs.label', { name: minion.name })} tools />
      <ByHand command={`summoner logs ${minion.name} --follow`} />
    </div>
  )
}
