/** Recipes: each a sentence; made by picking an event, conditions and actions, tried on a real event before it is kept. */
import { useState } from 'preact/hooks'
import { useAsk } from '../api/ask.ts'
import { get } from '../api/client.ts'
import { t } from '../i18n/i18n.ts'
import { Dialog } from '../parts/dialog.tsx'
import { Empty, Loaded } from '../parts/empty.tsx'
import { Icon } from '../parts/icon.tsx'
import { notify } from '../parts/notices.tsx'
import { may } from '../session/session.ts'
import { Builder } from './builder.tsx'
import { Channels } from './channels.tsx'
import { RecipeCard, type RecipeLine } from './recipe-card.tsx'
import { TrialView, type Trial } from './trial.tsx'

export function Recipes() {
  const recipes = useAsk(async () => (await get<{ recipes: RecipeLine[] }>('/recipes')).recipes, [], {
    live: true,
  })
  const [making, setMaking] = useState(false)
  const [tried, setTried] = useState<{ name: string; trial: Trial } | undefined>(undefined)
  return (
    <div class="stack loose">
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
      <Loaded asked={recipes}>
        {(all) =>
          all.length === 0 && making ? null : all.length === 0 ? (
            <Empty icon="bell" title={t('recipes.none')}>
              {t('recipes.none.what')}
            </Empty>
          ) : (
            <ul class="stack">
              {all.map((line) => (
                <RecipeCard
                  key={line.name}
                  line={line}
                  again={recipes.again}
                  onTried={(trial) => setTried({ name: line.name, trial })}
                />
              ))}
            </ul>
          )
        }
      </Loaded>
      <Channels />
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
