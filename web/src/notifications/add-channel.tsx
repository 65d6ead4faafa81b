/** A new channel: its address is kept as a secret, config.yml names it. */
import { useState } from 'preact/hooks'
import { part, put } from '../api/client.ts'
import { t } from '../i18n/i18n.ts'
import { ByHand } from '../parts/copy.tsx'
import { SelectField, TextField } from '../parts/field.tsx'
import { FormDialog } from '../parts/form-dialog.tsx'
import { isName } from '../parts/name.ts'

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
/** Its secret is called by its name and `-url`. */
const LONGEST = 36
const URL_START = /^https?:\/\/./

export function AddChannel({ onClose, onAdded }: { onClose(): void; onAdded(name: string): void }) {
  const [kind, setKind] = useState<string>(KINDS[0][0])
  const [name, setName] = useState('team')
  const [url, setUrl] = useState('')
  const [left, setLeft] = useState(false)
  const secret = `${name}-url`
  const badName = !isName(name) || name.length > LONGEST
  const badUrl = !URL_START.test(url)
  const add = async () => {
    await put(`/secrets/${part(secret)}`, { value: url })
    await put(`/channels/${part(name)}`, { [kind]: { url: { secret } } })
    onAdded(name)
  }
  return (
    <FormDialog
      title={t('channels.add')}
      does={t('channels.add.do')}
      ready={!badName && !badUrl}
      work={add}
      onClose={onClose}
      below={
        <ByHand
          command={`summoner channels add ${name} ${kind}`}
          yaml={`channels:\n  ${name}: {${kind}: {url: {secret: ${secret}}}}`}
        />
      }
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
    </FormDialog>
  )
}
