/** A new channel: its address is kept as a secret, config.yml names it. */
import { useState } from 'preact/hooks'
import { useAct } from '../api/ask.ts'
import { part, put } from '../api/client.ts'
import { t } from '../i18n/i18n.ts'
import { ByHand } from '../parts/copy.tsx'
import { Dialog } from '../parts/dialog.tsx'
import { SelectField, TextField } from '../parts/field.tsx'
import { TroubleNote } from '../parts/note.tsx'

/** Those that an address alone makes; the others are written in config.yml. */
const KINDS = [
  ['mattermost', 'Mattermost'],
  ['slack', 'Slack'],
  ['rocketchat', 'Rocket.Chat'],
  ['discord', 'Discord'],
  ['teams', 'Microsoft Teams'],
  ['ntfy', 'ntfy'],
  ['http', 'HTTP'],
] as const
const NAME = /^[a-z]([a-z0-9-]{0,34}[a-z0-9])?$/
const URL_START = /^https?:\/\/./

export function AddChannel({ onClose, onAdded }: { onClose(): void; onAdded(name: string): void }) {
  const [kind, setKind] = useState<string>(KINDS[0][0])
  const [name, setName] = useState('team')
  const [url, setUrl] = useState('')
  const [left, setLeft] = useState(false)
  const { busy, trouble, act } = useAct()
  const secret = `${name}-url`
  const badName = !NAME.test(name)
  const badUrl = !URL_START.test(url)
  const add = () =>
    act(async () => {
      await put(`/secrets/${part(secret)}`, { value: url })
      await put(`/channels/${part(name)}`, { [kind]: { url: { secret } } })
      onAdded(name)
    })
  return (
    <Dialog title={t('channels.add')} onClose={onClose}>
      <form
        class="stack"
        noValidate
        onSubmit={(event) => {
          event.preventDefault()
          if (!badName && !badUrl) void add()
        }}
      >
        <SelectField
          label={t('channels.kind')}
          value={kind}
          onChange={setKind}
          choices={KINDS.map(([value, label]) => ({
            value,
            label: value === 'http' ? t('channels.http') : label,
          }))}
        />
        <TextField
          label={t('channels.url')}
          help={t('channels.url.help')}
          wrong={left && badUrl ? t('wrong.url') : undefined}
          value={url}
          onInput={(value) => setUrl(value.trim())}
          onBlur={() => setLeft(url !== '')}
          inputMode="url"
          mono
          autofocus
        />
        <TextField
          label={t('tokens.name')}
          help={t('channels.name.help')}
          wrong={badName ? t('wrong.name') : undefined}
          value={name}
          onInput={setName}
          mono
        />
        {trouble && <TroubleNote trouble={trouble} />}
        <ByHand
          command={`summoner channels add ${name} ${kind}`}
          yaml={`channels:\n  ${name}: {${kind}: {url: {secret: ${secret}}}}`}
        />
        <div class="row">
          <button type="submit" class="button main" disabled={busy || badName || badUrl}>
            {t('channels.add.do')}
          </button>
          <button type="button" class="button" onClick={onClose}>
            {t('cancel')}
          </button>
        </div>
      </form>
    </Dialog>
  )
}
