/** A recipe is made by picking an event, conditions and an action, and is tried on a real event before it is kept. */
import { useEffect, useState } from 'preact/hooks'
import type { EventTypeLine } from '../../../server/events/catalogue.ts'
import type { Condition, Recipe, Step } from '../../../server/webhooks/recipe.ts'
import { useAct, useAsk } from '../api/ask.ts'
import { get, part, post } from '../api/client.ts'
import { minions } from '../api/live.ts'
import { own, t } from '../i18n/i18n.ts'
import { ofTheBox } from '../minion/server.ts'
import { ByHand } from '../parts/copy.tsx'
import { Field, SelectField, TextField } from '../parts/field.tsx'
import { Icon } from '../parts/icon.tsx'
import { isName } from '../parts/name.ts'
import { Note, TroubleNote } from '../parts/note.tsx'
import { AddChannel } from './add-channel.tsx'
import { Conditions, type Row } from './conditions.tsx'
import { recipeYaml } from './recipe-yaml.ts'
import { RecipeSentence } from './recipe-sentence.tsx'
import { TrialView, type Trial } from './trial.tsx'

const ACTIONS = ['post', 'mail', 'restart'] as const

export function Builder({ onClose, onMade }: { onClose(): void; onMade(name: string): void }) {
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
  const [adding, setAdding] = useState(false)
  const [trial, setTrial] = useState<Trial | undefined>(undefined)
  const { busy, trouble, act } = useAct()
  const name = typedName ?? type.replaceAll(/[^a-z0-9]+/g, '-').slice(0, 40)
  const line = types.data?.find((one) => one.type === type)
  const names = (minions.value ?? []).filter((one) => !ofTheBox(one)).map((one) => one.name)
  const first = { post: channels.data?.[0]?.name, restart: names[0], mail: undefined }[action]
  const to = target ?? first ?? ''
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
  // what was tried is another recipe now
  useEffect(() => setTrial(undefined), [JSON.stringify(recipe)])
  const ready = isName(name) && to !== ''
  const { name: _name, ...draft } = recipe
  return (
    <>
      <form
        class="card stack reading"
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
          choices={(types.data ?? []).map((one) => ({
            value: one.type,
            label: `${one.type} (${one.source})`,
          }))}
        />
        <Conditions rows={rows} onChange={setRows} />
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
            <Note
              tone="notice"
              action={
                <button type="button" class="button" onClick={() => setAdding(true)}>
                  <Icon name="plus" />
                  {t('channels.add')}
                </button>
              }
            >
              <span>{t('recipes.noChannel')}</span>
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
        ) : action === 'restart' ? (
          <SelectField
            label={t('palette.minion')}
            value={to}
            onChange={setTarget}
            choices={names.map((one) => ({ value: one, label: one }))}
          />
        ) : (
          <TextField label={t('recipes.mail')} value={to} onInput={setTarget} inputMode="email" />
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
          wrong={isName(name) ? undefined : t('wrong.name')}
          value={name}
          onInput={setName}
          mono
        />
        <RecipeSentence recipe={recipe} />
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
      {adding && (
        <AddChannel
          onClose={() => setAdding(false)}
          onAdded={(made) => {
            setAdding(false)
            setTarget(made)
            channels.again()
          }}
        />
      )}
    </>
  )
}
