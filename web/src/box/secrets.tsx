import { useState } from 'preact/hooks'
import type { Secret } from '../../../server/secrets/secrets.ts'
import { useAct, useAsk } from '../api/ask.ts'
import { get, part, put, remove } from '../api/client.ts'
import { t } from '../i18n/i18n.ts'
import { ByHand } from '../parts/copy.tsx'
import { Empty, Loaded } from '../parts/empty.tsx'
import { TextField } from '../parts/field.tsx'
import { FormDialog } from '../parts/form-dialog.tsx'
import { Icon } from '../parts/icon.tsx'
import { isName } from '../parts/name.ts'
import { TroubleNote } from '../parts/note.tsx'
import { notify } from '../parts/notices.tsx'
import { When } from '../parts/time.tsx'

export function Secrets() {
  const secrets = useAsk(async () => (await get<{ secrets: Secret[] }>('/secrets')).secrets, [])
  const [setting, setSetting] = useState<string | undefined>(undefined)
  const { trouble, act } = useAct()
  return (
    <div class="stack">
      <div class="spread">
        <p class="faint grow">{t('secrets.what')}</p>
        <button type="button" class="button main" onClick={() => setSetting('')}>
          <Icon name="plus" />
          {t('secrets.set')}
        </button>
      </div>
      {trouble && <TroubleNote trouble={trouble} />}
      <Loaded asked={secrets}>
        {(all) =>
          all.length === 0 ? (
            <Empty icon="lock" title={t('secrets.none')}>
              {t('secrets.none.what')}
            </Empty>
          ) : (
            <ul class="list">
              {all.map((secret) => (
                <li>
                  <div class="grow">
                    <code>{secret.name}</code>
                    <div class="small faint">
                      <When at={secret.updatedAt} />
                    </div>
                  </div>
                  <button type="button" class="button small" onClick={() => setSetting(secret.name)}>
                    {t('secrets.replace')}
                  </button>
                  <button
                    type="button"
                    class="button small quiet"
                    aria-label={t('secrets.remove', { name: secret.name })}
                    onClick={() =>
                      void act(() => remove(`/secrets/${part(secret.name)}`)).then(secrets.again)
                    }
                  >
                    <Icon name="trash" />
                  </button>
                </li>
              ))}
            </ul>
          )
        }
      </Loaded>
      <ByHand command="summoner secret set NAME" yaml={'password: {secret: NAME}'} />
      {setting !== undefined && (
        <SetSecret
          given={setting}
          onClose={() => setSetting(undefined)}
          onSet={() => {
            setSetting(undefined)
            secrets.again()
          }}
        />
      )}
    </div>
  )
}

export function SetSecret({
  given,
  onClose,
  onSet,
}: {
  given: string
  onClose(): void
  onSet(name: string): void
}) {
  const [name, setName] = useState(given)
  const [value, setValue] = useState('')
  const set = async () => {
    await put(`/secrets/${part(name)}`, { value })
    notify('ok', t('secrets.done', { name }))
    onSet(name)
  }
  return (
    <FormDialog
      title={given ? t('secrets.replace') : t('secrets.set')}
      does={t('secrets.set')}
      ready={value !== '' && isName(name)}
      work={set}
      onClose={onClose}
    >
      {given === '' && (
        <TextField
          label={t('secrets.name')}
          wrong={name !== '' && !isName(name) ? t('wrong.name') : undefined}
          value={name}
          onInput={setName}
          mono
          autofocus
        />
      )}
      <TextField
        label={t('secrets.value')}
        help={t('secrets.value.help')}
        type="password"
        autocomplete="new-password"
        value={value}
        onInput={setValue}
        autofocus={given !== ''}
      />
    </FormDialog>
  )
}
