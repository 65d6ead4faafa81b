import { useState } from 'preact/hooks'
import type { Minion } from '../../../server/minions/minion.ts'
import { useAct, useAsk } from '../api/ask.ts'
import { get, part } from '../api/client.ts'
import { bytes, percent, t } from '../i18n/i18n.ts'
import { said } from '../i18n/server-words.ts'
import { Copy } from '../parts/copy.tsx'
import { Empty } from '../parts/empty.tsx'
import { Note, TroubleNote } from '../parts/note.tsx'
import { Badge } from '../parts/shape.tsx'
import { When } from '../parts/time.tsx'
import { Table } from '../parts/table.tsx'
import { may } from '../session/session.ts'
import type { Detail } from '../catalogue/detail.ts'
import { FirstPassword } from '../catalogue/first-steps.tsx'
import { SignIns } from '../catalogue/sign-ins.tsx'
import { Databases } from './databases.tsx'
import { Graphs } from './graphs.tsx'
import { isServer } from './server.ts'

interface Usage {
  container: string
  service: string
  cpu?: number
  memory?: number
  memoryLimit?: number
  [figure: string]: number | string | undefined
}

export function Overview({ minion }: { minion: Minion }) {
  const running = minion.containers.some(({ state }) => state === 'running')
  const usage = useAsk(
    running ? async () => usagesOf(await get<unknown>(`/minions/${part(minion.name)}/stats`)) : undefined,
    [minion.name, running],
    { everyMs: 10_000 },
  )
  const detail = useAsk(() => get<Detail>(`/templates/${part(minion.template)}`), [minion.template])
  return (
    <div class="stack loose">
      {minion.drift.length > 0 && (
        <Note tone="warn">
          <span>{t('need.drift.what', { what: minion.drift.map(said).join(', ') })}</span>
        </Note>
      )}
      {minion.pending && minion.job === undefined && (
        <Note tone="notice">
          <span>{t('minion.pending')}</span>
        </Note>
      )}
      <section class="stack" aria-labelledby="containers">
        <h2 id="containers">{t('minion.containers')}</h2>
        {minion.containers.length === 0 ? (
          <Empty icon="package" title={t('minion.containers.none')}>
            {t('minion.containers.none.what')}
          </Empty>
        ) : (
          <Table
            label={t('minion.containers')}
            columns={[
              t('container.name'),
              t('container.state'),
              t('container.cpu'),
              t('container.memory'),
              t('container.since'),
            ]}
          >
            {minion.containers.map((container) => (
              <Row
                container={container}
                usage={usage.data?.find((one) => one.container === container.name)}
              />
            ))}
          </Table>
        )}
      </section>
      <Databases minion={minion} />
      {minion.containers.length > 0 && <Graphs name={minion.name} visited={minion.url !== undefined} />}
      {may('administrator') && !isServer(minion) && <FirstAdministrator name={minion.name} />}
      {detail.data?.description.sso && <SignIns ways={detail.data.description.sso} url={minion.url} />}
    </div>
  )
}

const usagesOf = (answer: unknown): Usage[] =>
  Array.isArray(answer) ? (answer as Usage[]) : ((Object.values(answer as object)[0] ?? []) as Usage[])

function Row({ container, usage }: { container: Minion['containers'][number]; usage: Usage | undefined }) {
  const { name, image, state, health, restarts, since } = container
  const sick = health === 'unhealthy'
  const up = state === 'running'
  return (
    <tr>
      <td>
        <div class="mono">{name}</div>
        <div class="small faint mono">{image}</div>
      </td>
      <td>
        <Badge
          shape={
            sick
              ? 'triangle'
              : up
                ? health === 'starting'
                  ? 'half'
                  : 'full'
                : state === 'restarting'
                  ? 'square'
                  : 'ring'
          }
          tone={
            sick
              ? 'warn'
              : up
                ? health === 'starting'
                  ? 'notice'
                  : 'ok'
                : state === 'restarting'
                  ? 'bad'
                  : 'none'
          }
          word={sick ? t('container.unhealthy') : (containerWord(state, health) ?? state)}
        />
        {restarts > 0 && <div class="small faint">{t('container.restarts', { n: restarts })}</div>}
      </td>
      <td class="numbers">{usage?.cpu === undefined ? '' : percent(usage.cpu)}</td>
      <td class="numbers">
        {usage?.memory === undefined
          ? ''
          : usage.memoryLimit
            ? t('container.of', { used: bytes(usage.memory), all: bytes(usage.memoryLimit) })
            : bytes(usage.memory)}
      </td>
      <td class="small">{up && since ? <When at={since} /> : ''}</td>
    </tr>
  )
}

function containerWord(state: string, health: string): string | undefined {
  if (state === 'running') return health === 'starting' ? t('status.starting') : t('status.running')
  if (state === 'exited') return t('container.exited')
  if (state === 'restarting') return t('container.restarting')
  if (state === 'created') return t('container.created')
  return undefined
}

interface Secrets {
  admin?: { user: string; password: string; url: string }
  secrets: Record<string, string>
}

/** Asked for only when somebody wants to see it. */
function FirstAdministrator({ name }: { name: string }) {
  const [secrets, setSecrets] = useState<Secrets | undefined>(undefined)
  const { busy, trouble, act } = useAct()
  return (
    <section class="stack" aria-labelledby="first-admin">
      <h2 id="first-admin">{t('minion.admin')}</h2>
      {trouble && <TroubleNote trouble={trouble} />}
      {secrets === undefined ? (
        <div>
          <button
            type="button"
            class="button"
            disabled={busy}
            onClick={() =>
              void act(async () => setSecrets(await get<Secrets>(`/minions/${part(name)}/secrets`)))
            }
          >
            {t('minion.admin.show')}
          </button>
        </div>
      ) : (
        <>
          {secrets.admin ? (
            <FirstPassword {...secrets.admin} />
          ) : (
            <p class="faint">{t('minion.admin.none')}</p>
          )}
          {Object.keys(secrets.secrets).length > 0 && (
            <details>
              <summary>{t('minion.secrets', { n: Object.keys(secrets.secrets).length })}</summary>
              <ul class="list">
                {Object.entries(secrets.secrets).map(([key, value]) => (
                  <li>
                    <code class="grow">{key}</code>
                    <Copy text={value} label={t('copy')} />
                  </li>
                ))}
              </ul>
            </details>
          )}
        </>
      )}
    </section>
  )
}
