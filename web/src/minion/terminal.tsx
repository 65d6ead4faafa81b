/** A shell in a container: off until config.yml allows it, and for administrators alone. */
import { useState } from 'preact/hooks'
import type { ComponentType } from 'preact'
import type { Minion } from '../../../server/minions/minion.ts'
import type { Opened } from '../../../server/terminals/terminal.ts'
import { useAct, useAsk } from '../api/ask.ts'
import { get, part, post } from '../api/client.ts'
import { t } from '../i18n/i18n.ts'
import { ByHand, Code } from '../parts/copy.tsx'
import { Empty, Loaded } from '../parts/empty.tsx'
import { SelectField } from '../parts/field.tsx'
import { Icon } from '../parts/icon.tsx'
import { Note, TroubleNote } from '../parts/note.tsx'
import { Link } from '../router/router.tsx'
import type { Ended, TerminalView } from './terminal-view.tsx'

export function Terminals({ minion }: { minion: Minion }) {
  const asked = useAsk(() => get<{ allowed: boolean }>('/terminals'), [], { live: true })
  return (
    <Loaded asked={asked} lines={3}>
      {({ allowed }) => (allowed ? <Seat minion={minion} /> : <Off />)}
    </Loaded>
  )
}

const Off = () => (
  <Empty
    icon="lock"
    title={t('terminal.off')}
    action={
      <>
        <Code text={'summoner:\n  terminal: true'} label="config.yml" />
        <Link class="button" to="/box">
          {t('destinations.add')}
        </Link>
      </>
    }
  >
    {t('terminal.off.what')}
  </Empty>
)

type View = ComponentType<Parameters<typeof TerminalView>[0]>

function Seat({ minion }: { minion: Minion }) {
  const running = minion.containers.filter(({ state }) => state === 'running')
  const [wanted, setWanted] = useState('')
  const [seat, setSeat] = useState<{ opened: Opened; View: View } | undefined>(undefined)
  const [ended, setEnded] = useState<Ended | undefined>(undefined)
  const { busy, trouble, act } = useAct()
  const service = running.some((one) => one.service === wanted) ? wanted : (running[0]?.service ?? '')
  const open = () =>
    act(async () => {
      const { TerminalView: View } = await import('./terminal-view.tsx')
      const opened = await post<Opened>(`/minions/${part(minion.name)}/terminals`, {
        service,
        rows: 24,
        columns: 80,
      })
      setEnded(undefined)
      setSeat({ opened, View })
    })
  if (running.length === 0 && !seat)
    return (
      <Empty icon="code" title={t('minion.containers.none')}>
        {t('terminal.rests')}
      </Empty>
    )
  return (
    <div class="stack">
      <p class="faint">{t('terminal.what')}</p>
      {trouble && <TroubleNote trouble={trouble} />}
      {seat === undefined || ended ? (
        <div class="row wide foot">
          {running.length > 1 && (
            <SelectField
              label={t('logs.service')}
              value={service}
              onChange={setWanted}
              choices={running.map((one) => ({ value: one.service, label: one.service }))}
            />
          )}
          <button type="button" class="button main" disabled={busy} onClick={() => void open()}>
            <Icon name="code" />
            {t(ended ? 'terminal.again' : 'terminal.open')}
          </button>
        </div>
      ) : (
        <div class="spread">
          <span class="small faint mono cut">{seat.opened.container}</span>
          <button type="button" class="button small" onClick={() => setSeat(undefined)}>
            {t('close')}
          </button>
        </div>
      )}
      {ended && (
        <Note tone="notice" role="status">
          <span>
            {ended.why === 'ended' && ended.code !== undefined
              ? t('terminal.over.code', { code: String(ended.code) })
              : t(`terminal.over.${ended.why}`)}
          </span>
        </Note>
      )}
      {seat && (
        <seat.View
          key={seat.opened.id}
          id={seat.opened.id}
          label={t('terminal.of', { name: seat.opened.container })}
          onEnd={setEnded}
        />
      )}
      <ByHand command={`docker exec -it ${seat?.opened.container ?? `${service}-…`} sh`} />
    </div>
  )
}
