/** The conditions of a recipe: a field of the event, a comparison, a value. */
import { t } from '../i18n/i18n.ts'
import { Icon } from '../parts/icon.tsx'

const TESTS = ['equals', 'contains', 'glob'] as const

export interface Row {
  path: string
  test: (typeof TESTS)[number]
  value: string
}

interface ConditionsProps {
  rows: readonly Row[]
  onChange(rows: readonly Row[]): void
}

export function Conditions({ rows, onChange }: ConditionsProps) {
  const change = (index: number, more: Partial<Row>) =>
    onChange(rows.map((row, at) => (at === index ? { ...row, ...more } : row)))
  return (
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
            onClick={() => onChange(rows.filter((_, at) => at !== index))}
          >
            <Icon name="cross" />
          </button>
        </div>
      ))}
      <div>
        <button
          type="button"
          class="button small"
          onClick={() => onChange([...rows, { path: 'minion', test: 'equals', value: '' }])}
        >
          <Icon name="plus" />
          {t('recipes.row')}
        </button>
      </div>
    </fieldset>
  )
}
