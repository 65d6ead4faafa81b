/** What lies in a set: folder by folder, each file to be taken by itself. */
import { useAsk } from '../api/ask.ts'
import { API, get, part } from '../api/client.ts'
import type { SetEntry } from '../../../server/backups/set-entry.ts'
import { bytes, t, tMaybe } from '../i18n/i18n.ts'
import { ByHand } from '../parts/copy.tsx'
import { Empty, Loaded } from '../parts/empty.tsx'
import { Icon } from '../parts/icon.tsx'
import { Table } from '../parts/table.tsx'
import { When } from '../parts/time.tsx'
import { Link, query } from '../router/router.tsx'
import { may } from '../session/session.ts'

export function Files({ minion, set }: { minion: string; set: string }) {
  const path = query.value.get('path') ?? ''
  const parts = path.split('/').filter(Boolean)
  const base = `/backups/${part(minion)}/${part(set)}`
  const files = useAsk(
    async () =>
      (await get<{ entries: SetEntry[] }>(`/backups/${part(set)}/files?path=${encodeURIComponent(path)}`))
        .entries,
    [set, path],
  )
  return (
    <>
      <nav class="small" aria-label={t('breadcrumb')}>
        <Link to="/backups">{t('nav.backups')}</Link> <Icon name="chevron" class="between" />{' '}
        <Link to={`/backups/${part(minion)}`}>{minion}</Link>
      </nav>
      <div>
        <h1>{t('files')}</h1>
        <p class="faint mono small">{set}</p>
      </div>
      <nav class="crumbs mono" aria-label={t('files.where')}>
        <Link to={base} aria-current={parts.length === 0 ? 'page' : undefined}>
          {t('files.top')}
        </Link>
        {parts.map((name, index) => (
          <>
            <span aria-hidden="true">/</span>
            <Link
              to={at(base, parts.slice(0, index + 1))}
              aria-current={index === parts.length - 1 ? 'page' : undefined}
            >
              {name}
            </Link>
          </>
        ))}
      </nav>
      <Loaded asked={files} lines={6} height={32}>
        {(entries) =>
          entries.length === 0 ? (
            <Empty icon="files" title={t('files.none')} />
          ) : (
            <Table
              label={t('files')}
              columns={[t('files.name'), t('dumps.size'), t('files.changed')]}
              actions
            >
              {entries.map((entry) => (
                <Row key={entry.name} set={set} base={base} parts={parts} entry={entry} />
              ))}
            </Table>
          )
        }
      </Loaded>
      <ByHand command={`summoner restore ${set} --as ${minion}-copy`} />
    </>
  )
}

interface RowProps {
  set: string
  base: string
  parts: readonly string[]
  entry: SetEntry
}
function Row({ set, base, parts, entry }: RowProps) {
  const { name, type, bytes: size, modifiedAt } = entry
  const here = [...parts, name]
  const what = parts.length === 0 ? tMaybe(`files.folder.${name}`) : undefined
  return (
    <tr>
      <td>
        <span class="row nowrap">
          <Icon name={type === 'folder' ? 'files' : 'list'} class="faint" />
          {type === 'folder' ? (
            <Link to={at(base, here)} class="mono">
              {name}
            </Link>
          ) : (
            <span class="mono">{name}</span>
          )}
          {what && <span class="small faint">{what}</span>}
        </span>
      </td>
      <td class="numbers">{size === undefined ? '' : bytes(size)}</td>
      <td class="small">{modifiedAt ? <When at={modifiedAt} /> : ''}</td>
      <td>
        {type !== 'other' && may('administrator') && (
          <a
            class="button small"
            href={`${API}/backups/${part(set)}/file?path=${encodeURIComponent(here.join('/'))}`}
            download
            aria-label={t('files.download', { name: type === 'folder' ? `${name}.zip` : name })}
          >
            <Icon name="download" />
            {t('dumps.download')}
          </a>
        )}
      </td>
    </tr>
  )
}

const at = (base: string, parts: readonly string[]): string =>
  `${base}?path=${encodeURIComponent(parts.join('/'))}`
