import type { Recipe } from '../../../server/webhooks/recipe.ts'
import { t, type Key } from '../i18n/i18n.ts'
import { Rich } from '../parts/rich.tsx'
import { sentenceOf, type Say } from './sentence.ts'

const say: Say = (key, values) => t(key as Key, values)

export const RecipeSentence = ({ recipe }: { recipe: Recipe }) => (
  <p>
    <Rich text={sentenceOf(recipe, say)} />
  </p>
)
