/** One recipe: its sentence, how it fares, trying it, resting it, taking it away. */
import { useState } from 'preact/hooks'
import type { Recipe } from '../../../server/webhooks/recipe.ts'
import { useAct } from '../api/ask.ts'
import { part, post, remove } from '../api/client.ts'
import { t } from '../i18n/i18n.ts'
import { ByHand } from '../parts/copy.tsx'
import { Dialog } from '../parts/dialog.tsx'
import { Icon } from '../parts/icon.tsx'
import { TroubleNote } from '../parts/note.tsx'
import { Badge } from '../parts/shape.tsx'
import { When } from '../parts/time.tsx'
import { may } from '../session/session.ts'
import { RecipeSentence } from './recipe-sentence.tsx'
import { recipeYaml } from './recipe-yaml.ts'
import type { Trial } from './trial.tsx'

export interface RecipeLine {
  name: string
  enabled: boolean
  stopped?: string
  builtIn?: boolean
  runs: number
  lastRun?: string
  recipe: Recipe
}

interface RecipeCardProps {
  line: RecipeLine
  again(): void
  onTried(trial: Trial): void
}

export function RecipeCard({ line, again, onTried }: RecipeCardProps) {
  const [removing, setRemoving] = useState(false)
  const { busy, trouble, act } = useAct()
  return (
    <li class="card stack tight">
      <div class="spread">
        <h2 class="mono">{line.name}</h2>
        <Badge
          shape={line.stopped ? 'triangle' : line.enabled ? 'full' : 'ring'}
          tone={line.stopped ? 'warn' : line.enabled ? 'ok' : 'none'}
          word={t(line.stopped ? 'recipes.stopped' : line.enabled ? 'recipes.works' : 'recipes.rests')}
        />
      </div>
      <RecipeSentence recipe={line.recipe} />
      {line.stopped && <p class="small tone-warn">{line.stopped}</p>}
      <p class="small faint">
        {line.builtIn && `${t('recipes.builtIn')} · `}
        {line.runs === 0 ? t('recipes.unused') : t('recipes.runs', { n: line.runs })}
        {line.lastRun && (
          <>
            {' · '}
            <When at={line.lastRun} />
          </>
        )}
      </p>
      {trouble && <TroubleNote trouble={trouble} />}
      <div class="row">
        {may('operator') && (
          <button
            type="button"
            class="button small"
            disabled={busy}
            onClick={() =>
              void act(async () => onTried(await post<Trial>(`/recipes/${part(line.name)}/test`, {})))
            }
          >
            {t('recipes.try')}
          </button>
        )}
        {may('operator') && !line.builtIn && (
          <button
            type="button"
            class="button small"
            disabled={busy}
            onClick={() =>
              void act(() =>
                post(`/recipes/${part(line.name)}/${line.enabled && !line.stopped ? 'disable' : 'enable'}`),
              ).then(again)
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
            onClick={() => setRemoving(true)}
          >
            <Icon name="trash" />
          </button>
        )}
      </div>
      <ByHand yaml={recipeYaml(line.recipe)} />
      {removing && (
        <Dialog title={t('recipes.remove.title', { name: line.name })} onClose={() => setRemoving(false)}>
          <p>{t('recipes.remove.what')}</p>
          <div class="row">
            <button
              type="button"
              class="button grave"
              onClick={() => {
                setRemoving(false)
                void act(() => remove(`/recipes/${part(line.name)}`)).then(again)
              }}
            >
              {t('recipes.remove.do')}
            </button>
            <button type="button" class="button" onClick={() => setRemoving(false)}>
              {t('cancel')}
            </button>
          </div>
        </Dialog>
      )}
    </li>
  )
}
