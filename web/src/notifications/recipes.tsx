/** Recipes: each a sentence; made by picking an event, conditions and actions, tried on a real event before it is kept. */
import { useState } from 'preact/hooks'
import type { EventTypeLine } from '../../../server/events/catalogue.ts'
import type { Condition, Recipe, Step } from '../../../server/webhooks/recipe.ts'
import { useAct, useAsk } from '../api/ask.ts'
import { get, part, post, remove } from '../api/client.ts'
import { own, t, type Key } from '../i18n/i18n.ts'
import { ByHand, Code } from '../parts/copy.tsx'
import { Dialog } from '../parts/dialog.tsx'
import { Empty, Loaded } from '../parts/empty.tsx'
import { Field, SelectField, TextField } from '../parts/field.tsx'
import { Icon } from '../parts/icon.tsx'
import { Note, TroubleNote } from '../parts/note.tsx'
import { notify } from '../parts/notices.tsx'
import { Rich } from '../parts/rich.tsx'
import { Badge } from '../parts/shape.tsx'
import { When } from '../parts/time.tsx'
import { may } from '../session/session.ts'
import { recipeYaml } from './recipe-yaml.ts'
import { sentenceOf, type Say } from './sentence.ts'

interface Line {
  name: string
  enabled: boolean
  stopped?: string
  builtIn?: boolean
  runs: number
  lastRun?: string
  recipe: Recipe
}
interface Trial {
  event: { title: string; type: string }
  taken: boolean
  decisions: { at: string; outcome: string; why: string }[]
  steps: { step: string; action: string; destination: string; text: string; notes: string[] }[]
}

const say: Say = (key, values) => t(key as Key, values)

export function Recipes() {
  const recipes = useAsk(async () => (await get<{ recipes: Line[] }>('/recipes')).recipes, [], { live: true })
  const [making, setMaking] = useState(false)
  const { trouble, act } = useAct()
  const [tried, setTried] = useState<{ name: string; trial: Trial } | undefined>(undefined)
  return (
    <div class="stack">
      <div class="spread">
        <p class="faint grow">{t('recipes.what')}</p>
        {may('administrator') && !making && (
          <button type="button" class="button main" onClick={() => setMaking(true)}>
            <Icon name="plus" />
            {t('recipes.make')}
          </button>
        )}
      </div>
      {making && (
        <Builder
          onClose={() => setMaking(false)}
          onMade={(name) => {
            setMaking(false)
            notify('ok', t('recipes.made', { name }))
            recipes.again()
          }}
        />
      )}
      {trouble && <TroubleNote trouble={trouble} />}
      <Loaded asked={recipes}>
        {(all) =>
          all.length === 0 ? (
            <Empty icon="bell" title={t('recipes.none')}>
              {t('recipes.none.what')}
            </Empty>
          ) : (
            <ul class="stack">
              {all.map((line) => (
                <li class="card stack tight" key={line.name}>
                  <div class="spread">
                    <h2 class="mono">{line.name}</h2>
                    <Badge
                      shape={line.stopped ? 'triangle' : line.enabled ? 'full' : 'ring'}
                      tone={line.stopped ? 'warn' : line.enabled ? 'ok' : 'none'}
                      word={t(
                        line.stopped ? 'recipes.stopped' : line.enabled ? 'recipes.works' : 'recipes.rests',
                      )}
                    />
                  </div>
                  <p>
                    <Rich text={sentenceOf(line.recipe, say)} />
                  </p>
                  {line.stopped && <p class="small tone-warn">{line.stopped}</p>}
                  <p class="small faint">
                    {line.builtIn && `${t('recipes.builtIn')} · `}
                    {t('recipes.runs', { n: line.runs })}
                    {line.lastRun && (
                      <>
                        {' · '}
                        <When at={line.lastRun} />
                      </>
                    )}
                  </p>
                  <div class="row">
                    {may('operator') && (
                      <button
                        type="button"
                        class="button small"
                        onClick={() =>
                          void act(async () =>
                            setTried({
                              name: line.name,
                              trial: await post<Trial>(`/recipes/${part(line.name)}/test`, {}),
                            }),
                          )
                        }
                      >
                        {t('recipes.try')}
                      </button>
                    )}
                    {may('operator') && !line.builtIn && (
                      <button
                        type="button"
                        class="button small"
                        onClick={() =>
                          void act(() =>
                            post(
                              `/recipes/${part(line.name)}/${line.enabled && !line.stopped ? 'disable' : 'enable'}`,
                            ),
                          ).then(recipes.again)
                        }
                      >
                        {t(line.enabled && !line.stopped ? 'recipes.disable' : 'recipes.enable')}
                      </button>
                    )}
                    {may('administrator') && !line.builtIn && (
                      <button
                        type="button"
                        class="button small quiet"
                        aria-label={t('recipes.remove', { name: line.name })}
                        onClick={() =>
                          void act(() => remove(`/recipes/${part(line.name)}`)).then(recipes.again)
                        }
                      >
                        <Icon name="trash" />
                      </button>
                    )}
                  </div>
                  <ByHand yaml={recipeYaml(line.recipe)} />
                </li>
              ))}
            </ul>
          )
        }
      </Loaded>
      {tried && (
        <Dialog
          title={t('recipes.tried', { name: tried.name })}
          onClose={() => setTried(undefined)}
          class="wide"
        >
          <TrialView trial={tried.trial} />
          <div>
            <button type="button" class="button" onClick={() => setTried(undefined)}>
              {t('close')}
            </button>
          </div>
        </Dialog>
      )}
    </div>
  )
}

/** What would be sent, from an event that came or a sample; nothing is sent. */
function TrialView({ trial }: { trial: Trial }) {
  return (
    <div class="stack">
      <p class="faint">
        {t('recipes.event')} <code>{trial.event.type}</code> {trial.event.title}
      </p>
      {!trial.taken && (
        <Note tone="notice">
          <span>{trial.decisions.map(({ why }) => why).join(' ') || t('recipes.notTaken')}</span>
        </Note>
      )}
      {trial.steps.map((step) => (
        <div class="stack tight">
          <span class="strong">
            {step.action} → {step.destination}
          </span>
          <Code text={step.text} label={t('recipes.message')} />
          {step.notes.map((note) => (
            <span class="small faint">{note}</span>
          ))}
        </div>
      ))}
    </div>
  )
}

const NAME = /^[a-z]([a-z0-9-]{0,38}[a-z0-9])?$/
const TESTS = ['equals', 'contains', 'glob'] as const
const ACTIONS = ['post', 'mail', 'restart'] as const

interface Row {
  path: string
  test: (typeof TESTS)[number]
  value: string
}

function Builder({ onClose, onMade }: { onClose(): void; onMade(name: string): void }) {
  const types = useAsk(async () => (await get<{ types: EventTypeLine[] }>('/events/types')).types, [])
  const channels = useAsk(
    async () => (await get<{ channels: { name: string; type: string }[] }>('/channels')).channels,
    [],
  )
  const [type, setType] = useState('minion.failed')
  const [typedName, setName] = useState<string | undefined>(undefined)
  const [rows, setRows] = useState<readonly Row[]>([])
  const [action, setAction] = useState<(typeof ACTIONS)[number]>('post')
  const [target, setTarget] = useState<string | undefined>(undefined)
  const [text, setText] = useState('{{ event.title }} {{ event.url }}')
  const [trial, setTrial] = useState<Trial | undefined>(undefined)
  const { busy, trouble, act } = useAct()
  const name = typedName ?? type.replaceAll(/[^a-z0-9]+/g, '-').slice(0, 40)
  const line = types.data?.find((one) => one.type === type)
  const to = target ?? (action === 'post' ? (channels.data?.[0]?.name ?? '') : '')
  const conditions = rows.filter(({ path, value }) => path !== '' && value !== '')
  const step: Step =
    action === 'post'
      ? { post: { channel: to, text } }
      : action === 'mail'
        ? { mail: { to, text } }
        : { minion: { restart: to } }
  const recipe: Recipe = {
    name,
    on: { type },
    ...(conditions.length > 0
      ? { if: conditions.map(({ path, test, value }): Condition => ({ path, [test]: value })) }
      : {}),
    do: [step],
  }
  const ready = NAME.test(name) && to !== ''
  const change = (index: number, more: Partial<Row>) =>
    setRows(rows.map((row, at) => (at === index ? { ...row, ...more } : row)))
  const { name: _name, ...draft } = recipe
  return (
    <form
      class="card stack"
      aria-label={t('recipes.make')}
      onSubmit={(event) => {
        event.preventDefault()
        void act(async () => {
          await post('/recipes', { recipe })
          onMade(name)
        })
      }}
    >
      <h2>{t('recipes.make')}</h2>
      <SelectField
        label={t('recipes.on')}
        help={line ? own(line.summary) : undefined}
        value={type}
        onChange={setType}
        choices={(types.data ?? []).map((one) => ({ value: one.type, label: `${one.type} (${one.source})` }))}
      />
      <fieldset class="stack tight">
        <legend class="strong">{t('recipes.if')}</legend>
        {rows.map((row, index) => (
          <div class="row">
            <input
              class="input mono grow"
              aria-label={t('recipes.path')}
              placeholder="data.ref"
              value={row.path}
              onInput={(event) => change(index, { path: event.currentTarget.value.trim() })}
            />
            <select
              class="input"
              style={{ width: 'auto' }}
              aria-label={t('recipes.test')}
              value={row.test}
              onChange={(event) => change(index, { test: event.currentTarget.value as Row['test'] })}
            >
              {TESTS.map((test) => (
                <option value={test}>{t(`test.${test}`)}</option>
              ))}
            </select>
            <input
              class="input grow"
              style={{ width: '8em' }}
              aria-label={t('settings.value')}
              value={row.value}
              onInput={(event) => change(index, { value: event.currentTarget.value })}
            />
            <button
              type="button"
              class="button small quiet icon-only"
              aria-label={t('recipes.row.remove')}
              onClick={() => setRows(rows.filter((_, at) => at !== index))}
            >
              <Icon name="cross" />
            </button>
          </div>
        ))}
        <div>
          <button
            type="button"
            class="button small"
            onClick={() => setRows([...rows, { path: 'minion', test: 'equals', value: '' }])}
          >
            <Icon name="plus" />
            {t('recipes.row')}
          </button>
        </div>
      </fieldset>
      <SelectField
        label={t('recipes.do')}
        value={action}
        onChange={(value) => {
          setAction(value as typeof action)
          setTarget(undefined)
        }}
        choices={ACTIONS.map((one) => ({ value: one, label: t(`action.${one}`) }))}
      />
      {action === 'post' ? (
        channels.data?.length === 0 ? (
          <Note tone="notice">
            <span>
              <Rich text={t('recipes.noChannel')} />
            </span>
          </Note>
        ) : (
          <SelectField
            label={t('recipes.channel')}
            value={to}
            onChange={setTarget}
            choices={(channels.data ?? []).map((one) => ({
              value: one.name,
              label: `${one.name} (${one.type})`,
            }))}
          />
        )
      ) : (
        <TextField
          label={t(action === 'mail' ? 'recipes.mail' : 'palette.minion')}
          value={to}
          onInput={setTarget}
        />
      )}
      {action !== 'restart' && (
        <Field label={t('recipes.text')} help={t('recipes.text.help')}>
          {(ids) => (
            <textarea
              {...ids}
              class="input mono"
              rows={3}
              value={text}
              onInput={(event) => setText(event.currentTarget.value)}
            />
          )}
        </Field>
      )}
      <TextField
        label={t('tokens.name')}
        wrong={NAME.test(name) ? undefined : t('wrong.name')}
        value={name}
        onInput={setName}
        mono
      />
      <p>
        <Rich text={sentenceOf(recipe, say)} />
      </p>
      {trouble && <TroubleNote trouble={trouble} />}
      {trial && <TrialView trial={trial} />}
      <ByHand yaml={recipeYaml(recipe)} />
      <div class="row">
        <button type="submit" class="button main" disabled={busy || !ready}>
          {t('recipes.keep')}
        </button>
        <button
          type="button"
          class="button"
          disabled={busy || !ready}
          onClick={() =>
            void act(async () =>
              setTrial(await post<Trial>(`/recipes/${part(name)}/test`, { recipe: draft })),
            )
          }
        >
          {t('recipes.preview')}
        </button>
        <button type="button" class="button quiet" onClick={onClose}>
          {t('cancel')}
        </button>
      </div>
    </form>
  )
}
