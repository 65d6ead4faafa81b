/** Settings: the template's inputs and the address, the difference in config.yml before it is written, then the work. */
import { useState } from 'preact/hooks'
import type { Job } from '../../../server/jobs/job.ts'
import type { Minion } from '../../../server/minions/minion.ts'
import type { Settings as Found, SettingsChange } from '../../../server/minions/settings-view.ts'
import type { TemplateDescription } from '../../../server/templates/template.ts'
import { useAct, useAsk } from '../api/ask.ts'
import { get, part, patch, post } from '../api/client.ts'
import { t } from '../i18n/i18n.ts'
import { GrantsField } from '../catalogue/grants-field.tsx'
import { InputField } from '../catalogue/input-field.tsx'
import { ownDefault, wrongSubdomain, wrongWith } from '../catalogue/inputs.ts'
import { Loaded } from '../parts/empty.tsx'
import { TextField } from '../parts/field.tsx'
import { TroubleNote } from '../parts/note.tsx'
import { notify } from '../parts/notices.tsx'
import { Environment } from './environment.tsx'
import { Preview } from './settings-preview.tsx'

interface Facts {
  settings: Found
  description: TemplateDescription
}

export function Settings({ minion }: { minion: Minion }) {
  const facts = useAsk(async (): Promise<Facts> => {
    const settings = await get<Found>(`/minions/${part(minion.name)}/settings`)
    const { description } = await get<{ description: TemplateDescription }>(
      `/templates/${part(settings.template)}`,
    )
    return { settings, description }
  }, [minion.name])
  return (
    <Loaded asked={facts} lines={6}>
      {(data) => <Form key={JSON.stringify(data.settings)} minion={minion} {...data} again={facts.again} />}
    </Loaded>
  )
}

function Form({ minion, settings, description, again }: { minion: Minion; again(): void } & Facts) {
  const inputs = description.inputs ?? []
  const current = new Map(settings.environment.map((entry) => [entry.name, entry]))
  const [subdomain, setSubdomain] = useState(settings.subdomain)
  const [version, setVersion] = useState(settings.version ?? '')
  const [values, setValues] = useState<Readonly<Record<string, string>>>({})
  const [granted, setGranted] = useState<ReadonlySet<string>>(new Set(settings.grants))
  const [preview, setPreview] = useState<{ before: string; after: string } | undefined>(undefined)
  const { busy, trouble, act } = useAct()
  const wrongHost = wrongSubdomain(subdomain)
  const env: Record<string, string | null> = {}
  for (const input of inputs) {
    const value = values[input.id]
    if (value === undefined || value === (current.get(input.id)?.value ?? '')) continue
    env[input.id] = value === '' || value === ownDefault(input) ? null : value
  }
  const change: SettingsChange = {
    ...(subdomain === settings.subdomain
      ? {}
      : { subdomain: subdomain === '' || subdomain === minion.name ? null : subdomain }),
    ...(version === (settings.version ?? '') ? {} : { version: version || null }),
    ...(Object.keys(env).length > 0 ? { env } : {}),
    ...(sameGrants(granted, settings.grants) ? {} : { grants: [...granted] }),
  }
  // the proxy has what it needs of itself
  const grants = settings.template === 'nginx' ? [] : (description.grants ?? [])
  const changed = Object.keys(change).length > 0
  const wrong =
    wrongHost !== undefined ||
    inputs.some((input) => values[input.id] !== undefined && wrongWith(input, values[input.id] ?? ''))
  const url = `/minions/${part(minion.name)}/settings`
  const look = async () => {
    const answer = await act(() => post<{ before: string; after: string }>(`${url}/preview`, change))
    if (answer) setPreview(answer)
  }
  const web = (description.web?.length ?? 0) > 0 && settings.template !== 'nginx'
  return (
    <div class="stack loose">
      <form
        class="stack narrow"
        noValidate
        onSubmit={(event) => {
          event.preventDefault()
          void look()
        }}
      >
        {web && (
          <TextField
            label={t('summon.subdomain')}
            help={t('settings.subdomain.help')}
            wrong={wrongHost ? t(`wrong.${wrongHost}`) : undefined}
            value={subdomain}
            onInput={(value) => setSubdomain(value.trim())}
            mono
          />
        )}
        <TextField
          label={t('settings.version')}
          help={t('settings.version.help')}
          optional={t('optional')}
          value={version}
          onInput={(value) => setVersion(value.trim())}
          mono
        />
        {inputs
          .filter((input) => !(current.get(input.id)?.secret && input.immutable))
          .map((input) => (
            <InputField
              key={input.id}
              input={input}
              value={values[input.id] ?? current.get(input.id)?.value}
              locked={input.immutable ?? false}
              onInput={(value) => setValues({ ...values, [input.id]: value })}
            />
          ))}
        <GrantsField grants={grants} granted={granted} onChange={setGranted} />
        {trouble && <TroubleNote trouble={trouble} />}
        <div class="row">
          <button type="submit" class="button main" disabled={!changed || wrong || busy}>
            {t('settings.look')}
          </button>
          {!changed && <span class="faint small">{t('settings.same')}</span>}
        </div>
      </form>
      <Environment entries={settings.environment} />
      {preview && (
        <Preview
          minion={minion}
          preview={preview}
          onClose={() => setPreview(undefined)}
          onApply={async () => {
            const { job } = await patch<{ job?: Job }>(url, change)
            setPreview(undefined)
            notify('notice', job ? t('settings.begun', { name: minion.name }) : t('settings.written'))
            again()
          }}
        />
      )}
    </div>
  )
}

const sameGrants = (granted: ReadonlySet<string>, before: readonly string[]): boolean =>
  granted.size === before.length && before.every((what) => granted.has(what))
