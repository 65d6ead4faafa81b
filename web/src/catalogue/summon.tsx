/** Summon a template: the form, then the work as it goes, then the way in. */
import './catalogue.css'
import { useState } from 'preact/hooks'
import type { Job } from '../../../server/jobs/job.ts'
import type { Host } from '../../../server/samples/sample.ts'
import type { TemplateDescription } from '../../../server/templates/template.ts'
import { useAct, useAsk } from '../api/ask.ts'
import { get, part, post } from '../api/client.ts'
import { minions } from '../api/live.ts'
import { bytes, own, t } from '../i18n/i18n.ts'
import { ByHand } from '../parts/copy.tsx'
import { CheckField, Field, SelectField, TextField } from '../parts/field.tsx'
import { Empty, Loaded } from '../parts/empty.tsx'
import { categoryIcon, Icon } from '../parts/icon.tsx'
import { Note, TroubleNote } from '../parts/note.tsx'
import type { Params } from '../router/match.ts'
import { Link } from '../router/router.tsx'
import { may } from '../session/session.ts'
import { JobProgress } from '../jobs/job-progress.tsx'
import { useDomain } from '../box/domain.ts'
import { categoryText } from './catalogue.tsx'
import { commandFor, yamlFor } from './by-hand.ts'
import { FirstSteps } from './first-steps.tsx'
import { InputField } from './input-field.tsx'
import { envOf, freeName, hostFor, wrongName, wrongSubdomain, wrongWith } from './inputs.ts'

const MIB = 1024 * 1024

interface Detail {
  name: string
  services: string[]
  description: TemplateDescription
}

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
  const host = useAsk(() => get<Host>('/host'), [])
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
  const ready =
    !badName &&
    !badSubdomain &&
    !missing &&
    inputs.every((input) => !wrongWith(input, values[input.id] ?? input.default ?? ''))
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
          {grants.length > 0 && (
            <fieldset class="stack tight">
              <legend class="strong">{t('summon.grants')}</legend>
              <Note tone="warn">
                <span>{may('administrator') ? t('summon.grants.what') : t('summon.grants.refused')}</span>
              </Note>
              {grants.map(({ what, why }) => (
                <CheckField
                  label={
                    <>
                      <code>{what}</code> <span class="faint">{own(why)}</span>
                    </>
                  }
                  checked={granted.has(what)}
                  disabled={!may('administrator')}
                  onChange={(checked) => {
                    const next = new Set(granted)
                    if (checked) next.add(what)
                    else next.delete(what)
                    setGranted(next)
                  }}
                />
              ))}
            </fieldset>
          )}
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
        <aside class="card aside stack tight" aria-label={t('summon.facts')}>
          <h2>{t('summon.facts')}</h2>
          <dl class="facts">
            <dt>{t('summon.address')}</dt>
            <dd class="mono small">{domain ? hostFor(subdomain, domain) : subdomain}</dd>
            <dt>{t('summon.category')}</dt>
            <dd>{categoryText(description.category)}</dd>
            <dt>{t('summon.containers')}</dt>
            <dd>{detail.services.join(', ')}</dd>
            <dt>{t('summon.memory')}</dt>
            <dd class="numbers">
              {bytes(description.resources.memory * MIB)}
              {host.data && (
                <Free need={description.resources.memory * MIB} free={host.data.memory.available} />
              )}
            </dd>
            <dt>{t('summon.disk')}</dt>
            <dd class="numbers">
              {bytes(description.resources.disk * MIB)}
              {host.data && (
                <Free
                  need={description.resources.disk * MIB}
                  free={Math.min(...host.data.disks.map(({ free }) => free))}
                />
              )}
            </dd>
          </dl>
          {Object.entries(description.links ?? {}).map(([what, href]) => (
            <a href={href} target="_blank" rel="noreferrer" class="small">
              {what === 'docs' ? t('summon.docs') : what === 'home' ? t('summon.site') : what}
            </a>
          ))}
        </aside>
      </div>
    </form>
  )
}

/** What it needs against what there is. */
function Free({ need, free }: { need: number; free: number }) {
  const tight = need > free
  return (
    <div class={`small ${tight ? 'tone-warn strong' : 'faint'}`}>
      {tight ? t('summon.tight', { size: bytes(free) }) : t('host.free', { size: bytes(free) })}
    </div>
  )
}

const isGenerated = (input: NonNullable<TemplateDescription['inputs']>[number]) =>
  input.generate !== undefined

interface SummoningProps {
  detail: Detail
  begun: { job: Job; minion: string }
  onBack(): void
}
function Summoning({ detail, begun, onBack }: SummoningProps) {
  const [ended, setEnded] = useState<Job | undefined>(undefined)
  const name = begun.minion
  const ok = ended?.state === 'succeeded'
  return (
    <div class="stack">
      <div role="status">
        <h1>
          {ended === undefined
            ? t('summon.going', { name })
            : ok
              ? t('summon.done', { name })
              : t('summon.failed', { name })}
        </h1>
      </div>
      {ok && <FirstSteps name={name} notes={detail.description.notes} />}
      <div class="card">
        <JobProgress id={begun.job.id} onEnd={setEnded} />
      </div>
      {ended === undefined && <p class="faint">{t('summon.leave')}</p>}
      {ended && !ok && (
        <div class="row">
          <button type="button" class="button" onClick={onBack}>
            {t('summon.back')}
          </button>
          <Link class="button" to={`/minions/${name}`}>
            {t('summon.look', { name })}
          </Link>
        </div>
      )}
    </div>
  )
}
