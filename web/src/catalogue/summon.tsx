/** Summon a template: the form, then the work as it goes, then the way in. */
import './catalogue.css'
import { useState } from 'preact/hooks'
import type { Job } from '../../../server/jobs/job.ts'
import type { TemplateDescription } from '../../../server/templates/template.ts'
import { useAct, useAsk } from '../api/ask.ts'
import { get, part, post } from '../api/client.ts'
import { minions } from '../api/live.ts'
import { useDomain } from '../box/domain.ts'
import { own, t } from '../i18n/i18n.ts'
import { ByHand } from '../parts/copy.tsx'
import { Empty, Loaded } from '../parts/empty.tsx'
import { Field, SelectField, TextField } from '../parts/field.tsx'
import { categoryIcon, Icon } from '../parts/icon.tsx'
import { TroubleNote } from '../parts/note.tsx'
import type { Params } from '../router/match.ts'
import { Link } from '../router/router.tsx'
import { may } from '../session/session.ts'
import { commandFor, yamlFor } from './by-hand.ts'
import type { Detail } from './detail.ts'
import { Facts } from './facts.tsx'
import { GrantsField } from './grants-field.tsx'
import { InputField } from './input-field.tsx'
import { envOf, freeName, isReady, wrongName, wrongSubdomain } from './inputs.ts'
import { Summoning } from './summoning.tsx'

export function Page({ template = '' }: Params) {
  const detail = useAsk(() => get<Detail>(`/templates/${part(template)}`), [template])
  const [begun, setBegun] = useState<{ job: Job; minion: string } | undefined>(undefined)
  return (
    <>
      <nav class="small" aria-label={t('breadcrumb')}>
        <Link to="/catalogue">{t('nav.catalogue')}</Link>
      </nav>
      <Loaded asked={detail} lines={6} height={32}>
        {(data) =>
          begun ? (
            <Summoning key={begun.job.id} detail={data} begun={begun} onBack={() => setBegun(undefined)} />
          ) : (
            <Form detail={data} onBegun={setBegun} />
          )
        }
      </Loaded>
    </>
  )
}

function Heading({ detail: { name, description } }: { detail: Detail }) {
  return (
    <div class="row wide">
      <span class="mark-icon">
        <Icon name={categoryIcon(description.category)} />
      </span>
      <div class="grow">
        <h1>{t('summon.title', { name })}</h1>
        <p class="faint">{own(description.summary)}</p>
      </div>
    </div>
  )
}

function Form({ detail, onBegun }: { detail: Detail; onBegun(begun: { job: Job; minion: string }): void }) {
  const { description } = detail
  const inputs = description.inputs ?? []
  const taken = new Set(minions.value?.map(({ name }) => name))
  const domain = useDomain()
  const [typedName, setName] = useState<string | undefined>(undefined)
  const [typedSubdomain, setSubdomain] = useState<string | undefined>(undefined)
  const [values, setValues] = useState<Readonly<Record<string, string>>>({})
  const [images, setImages] = useState('')
  const [granted, setGranted] = useState<ReadonlySet<string>>(new Set())
  const [strict, setStrict] = useState(false)
  const { busy, trouble, act } = useAct()
  const name = typedName ?? freeName(detail.name, taken)
  const subdomain = typedSubdomain ?? name
  const badName = wrongName(name, taken)
  const badSubdomain = typedSubdomain === undefined ? undefined : wrongSubdomain(subdomain)
  const grants = description.grants ?? []
  const missing = grants.some(({ what }) => !granted.has(what))
  const first = inputs.filter((input) => !isGenerated(input))
  const later = inputs.filter(isGenerated)
  const body = {
    template: detail.name,
    ...(name === detail.name ? {} : { name }),
    ...(subdomain === name ? {} : { subdomain }),
    ...(images ? { images } : {}),
    ...(Object.keys(envOf(inputs, values)).length > 0 ? { env: envOf(inputs, values) } : {}),
    ...(granted.size > 0 ? { grants: [...granted] } : {}),
  }
  const secrets = new Set(
    inputs.filter((input) => input.secret ?? input.type === 'password').map(({ id }) => id),
  )
  const ready = !badName && !badSubdomain && !missing && isReady(inputs, values)
  const submit = async () => {
    setStrict(true)
    if (!ready) {
      requestAnimationFrame(() => document.querySelector<HTMLElement>('[aria-invalid=true]')?.focus())
      return
    }
    const answer = await act(() => post<{ job: Job; minion: string }>('/minions', body))
    if (answer) onBegun(answer)
  }
  const field = (input: (typeof inputs)[number]) => (
    <InputField
      key={input.id}
      input={input}
      value={values[input.id]}
      strict={strict}
      onInput={(value) => setValues({ ...values, [input.id]: value })}
    />
  )
  if (!may('operator'))
    return (
      <>
        <Heading detail={detail} />
        <Empty icon="lock" title={t('catalogue.viewer')}>
          {t('catalogue.viewer.what')}
        </Empty>
      </>
    )
  return (
    <form
      class="stack loose"
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        void submit()
      }}
    >
      <Heading detail={detail} />
      <div class="summon">
        <div class="stack">
          <TextField
            label={t('summon.name')}
            help={t('summon.name.help')}
            wrong={badName && (strict || typedName !== undefined) ? t(`wrong.${badName}`) : undefined}
            value={name}
            onInput={setName}
            mono
            maxLength={40}
          />
          {(description.web?.length ?? 0) > 0 && (
            <Field
              label={t('summon.subdomain')}
              help={t('summon.subdomain.help')}
              wrong={badSubdomain ? t(`wrong.${badSubdomain}`) : undefined}
            >
              {(ids) => (
                <div class="affix">
                  <input
                    {...ids}
                    class="input mono"
                    value={subdomain}
                    autoComplete="off"
                    spellcheck={false}
                    onInput={(event) => setSubdomain(event.currentTarget.value.trim())}
                  />
                  {!subdomain.includes('.') && domain && (
                    <span>{subdomain === '@' ? domain : `.${domain}`}</span>
                  )}
                </div>
              )}
            </Field>
          )}
          {first.map(field)}
          <GrantsField grants={grants} granted={granted} onChange={setGranted} />
          <details>
            <summary>{t('summon.more')}</summary>
            <div class="stack" style={{ marginTop: '12px' }}>
              {later.map(field)}
              <SelectField
                label={t('summon.images')}
                help={t('summon.images.help')}
                value={images}
                onChange={setImages}
                choices={[
                  { value: '', label: t('summon.images.box') },
                  { value: 'registry', label: t('summon.images.registry') },
                  { value: 'distro', label: t('summon.images.distro') },
                ]}
              />
            </div>
          </details>
          {trouble && <TroubleNote trouble={trouble} />}
          <div class="row">
            <button class="button main" type="submit" disabled={busy || missing}>
              <Icon name="play" />
              {t('summon.do', { name })}
            </button>
          </div>
          <ByHand command={commandFor(body, secrets)} yaml={yamlFor(body, secrets)} />
        </div>
        <Facts detail={detail} subdomain={subdomain} />
      </div>
    </form>
  )
}

const isGenerated = (input: NonNullable<TemplateDescription['inputs']>[number]) =>
  input.generate !== undefined
