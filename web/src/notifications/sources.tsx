/** Who may send webhooks: each with an address to paste, shown once, and the steps of its tool. */
import { useState } from 'preact/hooks'
import { useAct, useAsk } from '../api/ask.ts'
import { get, part, post, remove } from '../api/client.ts'
import { minions } from '../api/live.ts'
import { t, tMaybe } from '../i18n/i18n.ts'
import { ByHand } from '../parts/copy.tsx'
import { Dialog } from '../parts/dialog.tsx'
import { Empty, Loaded } from '../parts/empty.tsx'
import { SelectField, TextField } from '../parts/field.tsx'
import { FormDialog } from '../parts/form-dialog.tsx'
import { Icon } from '../parts/icon.tsx'
import { Menu } from '../parts/menu.tsx'
import { isName } from '../parts/name.ts'
import { TroubleNote } from '../parts/note.tsx'
import { may } from '../session/session.ts'
import { ofTheBox } from '../minion/server.ts'
import { Paste } from './paste.tsx'
import { SourceFacts } from './source-facts.tsx'
import type { Address, Source, SourceTypeLine as SourceKind } from '../../../server/webhooks/source-view.ts'

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
                  <SourceFacts source={source} />
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

interface AddProps {
  kinds: readonly SourceKind[]
  onClose(): void
  onAdded(address: Address): void
}
function Add({ kinds, onClose, onAdded }: AddProps) {
  const [type, setType] = useState(kinds[0]?.name ?? '')
  const [typedName, setName] = useState<string | undefined>(undefined)
  const [minion, setMinion] = useState('')
  const name = typedName ?? type
  const kind = kinds.find((one) => one.name === type)
  const bad = name !== '' && !isName(name)
  const add = async () => {
    onAdded(await post<Address>('/sources', { name, type, ...(minion ? { minion } : {}) }))
  }
  return (
    <FormDialog
      title={t('sources.add')}
      does={t('sources.add.do')}
      ready={isName(name)}
      work={add}
      onClose={onClose}
    >
      <SelectField
        label={t('sources.type')}
        value={type}
        choices={kinds.map((one) => ({ value: one.name, label: tMaybe(`source.${one.name}`) ?? one.title }))}
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
            .filter((one) => !ofTheBox(one))
            .map((one) => ({ value: one.name, label: one.name })),
        ]}
        onChange={setMinion}
      />
      {kind && kind.events.length > 0 && (
        <p class="small faint">{t('sources.events', { events: kind.events.slice(0, 6).join(', ') })}</p>
      )}
    </FormDialog>
  )
}
