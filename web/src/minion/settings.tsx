/** Settings: the template's inputs and the address, the difference in config.yml before it is written, then the work. */
import { useState } from 'preact/hooks'
import type { Job } from '../../../server/jobs/job.ts'
import type { Minion } from '../../../server/minions/minion.ts'
import type { Settings as Found, SettingsChange } from '../../../server/minions/settings-view.ts'
import type { TemplateDescription } from '../../../server/templates/template.ts'
import { useAct, useAsk } from '../api/ask.ts'
import { get, part, patch, post } from '../api/client.ts'
import { t } from '../i18n/i18n.ts'
import { InputField } from '../catalogue/input-field.tsx'
import { ownDefault, wrongSubdomain, wrongWith } from '../catalogue/inputs.ts'
import { Copy } from '../parts/copy.tsx'
import { DiffView } from '../parts/diff-view.tsx'
import { Dialog } from '../parts/dialog.tsx'
import { Loaded } from '../parts/empty.tsx'
import { TextField } from '../parts/field.tsx'
import { TroubleNote } from '../parts/note.tsx'
import { notify } from '../parts/notices.tsx'
import { Scroll } from '../parts/scroll.tsx'

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
  }
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
        {trouble && <TroubleNote trouble={trouble} />}
        <div class="row">
          <button type="submit" class="button main" disabled={!changed || wrong || busy}>
            {t('settings.look')}
          </button>
          {!changed && <span class="faint small">{t('settings.same')}</span>}
        </div>
      </form>
      <section class="stack" aria-labelledby="environment">
        <h2 id="environment">{t('settings.environment')}</h2>
        <p class="faint small">{t('settings.environment.what')}</p>
        <Scroll label={t('settings.environment')}>
          <table class="envs">
            <thead>
              <tr>
                <th scope="col">{t('settings.variable')}</th>
                <th scope="col">{t('settings.value')}</th>
              </tr>
            </thead>
            <tbody>
              {settings.environment.map(({ name, secret, value }) => (
                <tr>
                  <td>{name}</td>
                  <td>
                    {secret ? (
                      <span class="faint">
                        ••••••••<span class="hidden-text">{t('settings.masked')}</span>
                      </span>
                    ) : (
                      value
                    )}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      </section>
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

interface PreviewProps {
  minion: Minion
  preview: { before: string; after: string }
  onClose(): void
  onApply(): Promise<void>
}
function Preview({ minion, preview, onClose, onApply }: PreviewProps) {
  const { busy, trouble, act } = useAct()
  return (
    <Dialog title={t('settings.diff', { name: minion.name })} onClose={onClose} class="wide">
      <DiffView
        before={preview.before}
        after={preview.after}
        label={t('settings.diff', { name: minion.name })}
      />
      <p class="faint">{t('settings.diff.what', { name: minion.name })}</p>
      {trouble && <TroubleNote trouble={trouble} />}
      <div class="row">
        <button type="button" class="button main" disabled={busy} onClick={() => void act(onApply)}>
          {t('settings.apply')}
        </button>
        <button type="button" class="button" onClick={onClose}>
          {t('cancel')}
        </button>
        <Copy text={preview.after} label={t('settings.copy')} />
      </div>
    </Dialog>
  )
}
