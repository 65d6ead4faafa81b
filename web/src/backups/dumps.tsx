/** Dumps of one minion's databases: taking one away, putting one back. */
import { useState } from 'preact/hooks'
import type { DumpRecord } from '../../../server/backups/dump.ts'
import type { Job } from '../../../server/jobs/job.ts'
import { useAct, useAsk } from '../api/ask.ts'
import { get, part, post, remove } from '../api/client.ts'
import { bytes, span, t } from '../i18n/i18n.ts'
import { Code } from '../parts/copy.tsx'
import { Dialog } from '../parts/dialog.tsx'
import { TextField } from '../parts/field.tsx'
import { Icon } from '../parts/icon.tsx'
import { Menu, type MenuItem } from '../parts/menu.tsx'
import { TroubleNote } from '../parts/note.tsx'
import { Table } from '../parts/table.tsx'
import { When } from '../parts/time.tsx'
import { may } from '../session/session.ts'

const SHOWN = 5

interface DumpsProps {
  name: string
  /** The minion is there: a dump can go back into it. */
  there: boolean
  dumps: readonly DumpRecord[]
  onJob(id: string): void
  again(): void
}

export function Dumps({ name, there, dumps, onJob, again }: DumpsProps) {
  const [all, setAll] = useState(false)
  const [restoring, setRestoring] = useState<DumpRecord | undefined>(undefined)
  const { trouble, act } = useAct()
  const address = (one: DumpRecord) => `/dumps/${part(name)}/${part(one.file)}`
  const menuOf = (one: DumpRecord): MenuItem[] =>
    may('administrator')
      ? [
          { label: t('dumps.download'), icon: 'download', href: `/api/v1${address(one)}/download` },
          ...(there
            ? [{ label: t('dumps.restore'), icon: 'restart' as const, run: () => setRestoring(one) }]
            : []),
          {
            label: t('dumps.remove'),
            icon: 'trash',
            grave: true,
            run: () => void act(() => remove(address(one))).then(again),
          },
        ]
      : []
  return (
    <>
      {trouble && <TroubleNote trouble={trouble} />}
      <Table
        label={t('dumps.of', { name })}
        columns={[t('jobs.when'), t('dumps.database'), t('dumps.size'), t('jobs.took')]}
        actions
      >
        {(all ? dumps : dumps.slice(0, SHOWN)).map((one) => (
          <tr key={one.file}>
            <td>
              <When at={one.at} />
            </td>
            <td>
              {one.database} <span class="small faint">{one.engine}</span>
            </td>
            <td class="numbers">
              {bytes(one.bytes)}{' '}
              <span class="small faint">{t('dumps.unpacked', { size: bytes(one.content) })}</span>
            </td>
            <td class="numbers">{span(one.seconds * 1000)}</td>
            <td>
              {menuOf(one).length > 0 && (
                <Menu label={t('dumps.menu', { file: one.file })} items={menuOf(one)}>
                  <Icon name="more" />
                </Menu>
              )}
            </td>
          </tr>
        ))}
      </Table>
      {dumps.length > SHOWN && !all && (
        <div>
          <button type="button" class="button small quiet" onClick={() => setAll(true)}>
            {t('dumps.all', { n: dumps.length })}
          </button>
        </div>
      )}
      {restoring && (
        <Restore
          dump={restoring}
          onClose={() => setRestoring(undefined)}
          onBegun={(id) => {
            setRestoring(undefined)
            onJob(id)
          }}
        />
      )}
    </>
  )
}

function Restore({
  dump,
  onClose,
  onBegun,
}: {
  dump: DumpRecord
  onClose(): void
  onBegun(job: string): void
}) {
  const [typed, setTyped] = useState('')
  const { busy, trouble, act } = useAct()
  const facts = useAsk(
    () => get<{ byHand?: string }>(`/dumps/${part(dump.minion)}/${part(dump.file)}`),
    [dump.file],
  )
  const restore = async () => {
    const answer = await act(() =>
      post<{ job: Job }>(`/minions/${part(dump.minion)}/restore-dump`, { file: dump.file }),
    )
    if (answer) onBegun(answer.job.id)
  }
  return (
    <Dialog title={t('dumps.restore.title', { name: dump.minion })} onClose={onClose}>
      <p>
        {t('dumps.restore.what', { database: dump.database })} <When at={dump.at} />
      </p>
      <p class="faint">{t('dumps.restore.first')}</p>
      <TextField
        label={t('dumps.restore.type', { name: dump.minion })}
        value={typed}
        onInput={setTyped}
        mono
      />
      {trouble && <TroubleNote trouble={trouble} />}
      {facts.data?.byHand && (
        <details class="by-hand">
          <summary>{t('byHand')}</summary>
          <Code text={facts.data.byHand} label={t('byHand.command')} />
        </details>
      )}
      <div class="row">
        <button
          type="button"
          class="button grave"
          disabled={busy || typed !== dump.minion}
          onClick={() => void restore()}
        >
          {t('dumps.restore')}
        </button>
        <button type="button" class="button" onClick={onClose}>
          {t('cancel')}
        </button>
      </div>
    </Dialog>
  )
}
