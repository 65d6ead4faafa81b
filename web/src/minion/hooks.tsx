/** What a minion tells the box: its senders, and connecting it. */
import { useState } from 'preact/hooks'
import type { Minion } from '../../../server/minions/minion.ts'
import type { Address, Source, SourceTypeLine } from '../../../server/webhooks/source-view.ts'
import { useAct, useAsk } from '../api/ask.ts'
import { get, part, post } from '../api/client.ts'
import { own, t } from '../i18n/i18n.ts'
import type { Detail } from '../catalogue/detail.ts'
import { Paste } from '../notifications/paste.tsx'
import { SourceFacts } from '../notifications/source-facts.tsx'
import { ByHand } from '../parts/copy.tsx'
import { Empty, Loaded } from '../parts/empty.tsx'
import { Icon } from '../parts/icon.tsx'
import { Note, TroubleNote } from '../parts/note.tsx'
import { Rich } from '../parts/rich.tsx'
import { Link } from '../router/router.tsx'
import { may } from '../session/session.ts'

type Connected = Address & { connected: boolean; note?: string }

export function Hooks({ minion }: { minion: Minion }) {
  const { name, template } = minion
  const asked = useAsk(
    async () => {
      const [{ sources }, { types }, detail] = await Promise.all([
        get<{ sources: Source[] }>('/sources'),
        get<{ types: SourceTypeLine[] }>('/sources/types'),
        // it may be gone from the catalogue
        get<Detail>(`/templates/${part(template)}`).catch(() => undefined),
      ])
      return {
        sources: sources.filter((source) => source.minion === name),
        kind: types.find((one) => one.name === template),
        webhooks: detail?.description.webhooks ?? {},
      }
    },
    [name, template],
    { live: true },
  )
  const [made, setMade] = useState<Connected | undefined>(undefined)
  const { busy, trouble, act } = useAct()
  const connect = () =>
    act(async () => {
      setMade(await post<Connected>(`/minions/${part(name)}/hooks`))
      asked.again()
    })
  return (
    <div class="stack">
      {trouble && <TroubleNote trouble={trouble} />}
      {made?.connected && (
        <Note tone="ok" role="status">
          <span>{t('hooks.connected', { name })}</span>
        </Note>
      )}
      {made && !made.connected && <Paste address={made} onClose={() => setMade(undefined)} />}
      <Loaded asked={asked} lines={3} height={40}>
        {({ sources, kind, webhooks }) => (
          <>
            <div class="spread">
              <p class="faint grow">
                {kind
                  ? t('hooks.what', { name, events: kind.events.slice(0, 4).join(', ') })
                  : t('hooks.alien', { template })}
              </p>
              {may('administrator') &&
                (kind ? (
                  <button
                    type="button"
                    class={`button ${sources.length === 0 ? 'main' : ''}`}
                    disabled={busy}
                    onClick={() => void connect()}
                  >
                    <Icon name="bell" />
                    {sources.length === 0 ? t('hooks.connect', { name }) : t('hooks.again')}
                  </button>
                ) : (
                  <Link class="button" to="/notifications/sources">
                    {t('sources.add')}
                  </Link>
                ))}
            </div>
            {sources.length === 0 ? (
              <Empty
                icon="bell"
                title={t('hooks.none', { name })}
                action={
                  <Link class="button" to="/notifications/recipes">
                    {t('hooks.recipes')}
                  </Link>
                }
              >
                {t('hooks.none.what')}
              </Empty>
            ) : (
              <ul class="list">
                {sources.map((source) => (
                  <li key={source.name}>
                    <SourceFacts source={source} />
                  </li>
                ))}
              </ul>
            )}
            <Setup title={t('hooks.out', { name })} name={name} ways={webhooks.out ?? []} />
            <Setup title={t('hooks.in', { name })} name={name} ways={webhooks.in ?? []} />
          </>
        )}
      </Loaded>
      <ByHand command={`summoner hooks connect ${name}`} />
    </div>
  )
}

interface SetupProps {
  title: string
  name: string
  ways: readonly { setup: { en: string; fr: string } }[]
}
/** What is done inside the tool, in its template's words. */
function Setup({ title, name, ways }: SetupProps) {
  if (ways.length === 0) return null
  return (
    <section class="stack tight">
      <h2>{title}</h2>
      {ways.map(({ setup }) => (
        <p class="small">
          <Rich text={own(setup).replaceAll('MINION', name)} />
        </p>
      ))}
    </section>
  )
}
