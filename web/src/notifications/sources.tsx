/** Who may send webhooks: each with an address to paste, shown once, and the steps of its tool. */
import { useState } from 'preact/hooks'
import { useAct, useAsk } from '../api/ask.ts'
import { get, part, post, remove } from '../api/client.ts'
import { minions } from '../api/live.ts'
import { number, own, t, tMaybe } from '../i18n/i18n.ts'
import { ByHand, Code } from '../parts/copy.tsx'
import { Dialog } from '../parts/dialog.tsx'
import { Empty, Loaded } from '../parts/empty.tsx'
import { SelectField, TextField } from '../parts/field.tsx'
import { Icon } from '../parts/icon.tsx'
import { Menu } from '../parts/menu.tsx'
import { Note, TroubleNote } from '../parts/note.tsx'
import { Rich } from '../parts/rich.tsx'
import { Badge } from '../parts/shape.tsx'
import { When } from '../parts/time.tsx'
import { may } from '../session/session.ts'
import type { Address, Source, SourceTypeLine as SourceKind } from '../../../server/webhooks/source-view.ts'

const NAME = /^[a-z]([a-z0-9-]{0,38}[a-z0-9])?$/

export function Sources() {
  const sources = useAsk(async () => (await get<{ sources: Source[] }>('/sources')).sources, [], {
    live: true,
  })
  const kinds = useAsk(async () => (await get<{ types: SourceKind[] }>('/sources/types')).types, [])
  const [adding, setAdding] = useState(false)
  const [address, setAddress] = useState<Address | undefined>(undefined)
  const [removing, setRemoving] = useState<Source | undefined>(undefined)
  const { trouble, act } = useAct()
  const change = may('administrator')
  return (
    <div class="stack">
      <div class="spread">
        <p class="faint grow">{t('sources.what')}</p>
        {change && (
          <button type="button" class="button main" onClick={() => setAdding(true)}>
            <Icon name="plus" />
            {t('sources.add')}
          </button>
        )}
      </div>
      {trouble && <TroubleNote trouble={trouble} />}
      {address && <Paste address={address} onClose={() => setAddress(undefined)} />}
      <Loaded asked={sources}>
        {(all) =>
          all.length === 0 ? (
            <Empty icon="bell" title={t('sources.none')}>
              {t('sources.none.what')}
            </Empty>
          ) : (
            <ul class="list">
              {all.map((source) => (
                <li key={source.name}>
                  <div class="grow stack tight">
                    <div class="row">
                      <span class="strong">{source.name}</span>
                      <span class="tag">{source.title}</span>
                      {source.proof === 'missing' && (
                        <Badge shape="triangle" tone="warn" word={t('sources.missing')} />
                      )}
                    </div>
                    <div class="small faint mono">{source.address}</div>
                    <div class="small faint">
                      {t('sources.accepted', { n: source.accepted })}
                      {source.lastSeen && (
                        <>
                          {' · '}
                          {t('sources.last')} <When at={source.lastSeen} />
                        </>
                      )}
                    </div>
                    {source.lastRefused && (
                      <div class="small tone-warn">
                        {t('sources.refused', {
                          count: number(Object.values(source.refused).reduce((sum, one) => sum + one, 0)),
                          why: tMaybe(`refusal.${source.lastRefused.reason}`) ?? source.lastRefused.reason,
                        })}{' '}
                        <When at={source.lastRefused.at} />
                      </div>
                    )}
                  </div>
                  {change && (
                    <Menu
                      label={t('tile.menu', { name: source.name })}
                      items={[
                        {
                          label: t('sources.rotate'),
                          icon: 'key',
                          run: () =>
                            void act(async () =>
                              setAddress(await post<Address>(`/sources/${part(source.name)}/tokens`, {})),
                            ),
                        },
                        {
                          label: t('sources.remove'),
                          icon: 'trash',
                          grave: true,
                          run: () => setRemoving(source),
                        },
                      ]}
                    >
                      <Icon name="more" />
                    </Menu>
                  )}
                </li>
              ))}
            </ul>
          )
        }
      </Loaded>
      <ByHand command="summoner hooks" yaml={'sources:\n  - {name: forge, type: gitlab}'} />
      {adding && (
        <Add
          kinds={kinds.data ?? []}
          onClose={() => setAdding(false)}
          onAdded={(made) => {
            setAdding(false)
            setAddress(made)
            sources.again()
          }}
        />
      )}
      {removing && (
        <Dialog
          title={t('sources.remove.title', { name: removing.name })}
          onClose={() => setRemoving(undefined)}
        >
          <p>{t('sources.remove.what')}</p>
          <div class="row">
            <button
              type="button"
              class="button grave"
              onClick={() => {
                const { name } = removing
                setRemoving(undefined)
                void act(() => remove(`/sources/${part(name)}`)).then(sources.again)
              }}
            >
              {t('sources.remove')}
            </button>
            <button type="button" class="button" onClick={() => setRemoving(undefined)}>
              {t('cancel')}
            </button>
          </div>
        </Dialog>
      )}
    </div>
  )
}

/** Ready to paste; it is not shown again. */
function Paste({ address, onClose }: { address: Address; onClose(): void }) {
  const [inside, setInside] = useState(false)
  return (
    <Note
      tone="ok"
      role="status"
      action={
        <button type="button" class="button quiet small icon-only" aria-label={t('close')} onClick={onClose}>
          <Icon name="cross" />
        </button>
      }
    >
      <strong>{t('sources.paste', { name: address.source })}</strong>
      <div class="chips" role="group" aria-label={t('sources.where')}>
        <button type="button" class="chip" aria-pressed={!inside} onClick={() => setInside(false)}>
          {t('sources.outside')}
        </button>
        <button type="button" class="chip" aria-pressed={inside} onClick={() => setInside(true)}>
          {t('sources.inside')}
        </button>
      </div>
      <Code text={inside ? address.inside : address.url} label={t('sources.address')} />
      {address.secret && (
        <>
          <span class="small">{t('sources.secret')}</span>
          <Code text={address.secret} label={t('sources.secret')} />
        </>
      )}
      <span class="small">
        <Rich text={own(address.steps)} />
      </span>
    </Note>
  )
}

interface AddProps {
  kinds: readonly SourceKind[]
  onClose(): void
  onAdded(address: Address): void
}
function Add({ kinds, onClose, onAdded }: AddProps) {
  const [type, setType] = useState(kinds[0]?.name ?? '')
  const [typedName, setName] = useState<string | undefined>(undefined)
  const [minion, setMinion] = useState('')
  const { busy, trouble, act } = useAct()
  const name = typedName ?? type
  const kind = kinds.find((one) => one.name === type)
  const bad = name !== '' && !NAME.test(name)
  const add = async () => {
    const made = await act(() => post<Address>('/sources', { name, type, ...(minion ? { minion } : {}) }))
    if (made) onAdded(made)
  }
  return (
    <Dialog title={t('sources.add')} onClose={onClose}>
      <form
        class="stack"
        onSubmit={(event) => {
          event.preventDefault()
          void add()
        }}
      >
        <SelectField
          label={t('sources.type')}
          value={type}
          choices={kinds.map((one) => ({ value: one.name, label: one.title }))}
          onChange={setType}
        />
        <TextField
          label={t('tokens.name')}
          help={t('sources.name.help')}
          wrong={bad ? t('wrong.name') : undefined}
          value={name}
          onInput={setName}
          mono
        />
        <SelectField
          label={t('sources.minion')}
          value={minion}
          choices={[
            { value: '', label: t('sources.elsewhere') },
            ...(minions.value ?? [])
              .filter(({ template }) => template !== 'nginx')
              .map((one) => ({ value: one.name, label: one.name })),
          ]}
          onChange={setMinion}
        />
        {kind && kind.events.length > 0 && (
          <p class="small faint">{t('sources.events', { events: kind.events.slice(0, 6).join(', ') })}</p>
        )}
        {trouble && <TroubleNote trouble={trouble} />}
        <div class="row">
          <button type="submit" class="button main" disabled={busy || bad || name === ''}>
            {t('sources.add.do')}
          </button>
          <button type="button" class="button" onClick={onClose}>
            {t('cancel')}
          </button>
        </div>
      </form>
    </Dialog>
  )
}
