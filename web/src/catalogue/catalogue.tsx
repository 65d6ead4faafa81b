import './catalogue.css'
import { useState } from 'preact/hooks'
import type { TemplateRow } from '../../../server/templates/templates.routes.ts'
import { useAsk } from '../api/ask.ts'
import { listTemplates } from '../api/lists.ts'
import { minions } from '../api/live.ts'
import { bytes, own, t, tMaybe } from '../i18n/i18n.ts'
import { said } from '../i18n/server-words.ts'
import { Empty, Loaded } from '../parts/empty.tsx'
import { categoryIcon, Icon } from '../parts/icon.tsx'
import { Link } from '../router/router.tsx'
import { may } from '../session/session.ts'
import { categoriesOf, searchTemplates } from './search.ts'

const MIB = 1024 * 1024

export function Page() {
  const templates = useAsk(listTemplates, [])
  return (
    <>
      <div>
        <h1>{t('nav.catalogue')}</h1>
        <p class="faint">{t('catalogue.what')}</p>
      </div>
      <Loaded asked={templates} lines={6} height={64}>
        {/* the box summons its own by itself: the proxy, servers of shared databases */}
        {(rows) => <Offers rows={rows.filter((row) => row.category !== 'core')} />}
      </Loaded>
    </>
  )
}

export const categoryText = (category: string): string => tMaybe(`category.${category}`) ?? category

function Offers({ rows }: { rows: readonly TemplateRow[] }) {
  const [typed, setTyped] = useState('')
  const [category, setCategory] = useState<string | undefined>(undefined)
  const found = searchTemplates(rows, { typed, category })
  const categories = categoriesOf(rows)
  return (
    <>
      <div class="stack tight" role="search">
        <input
          class="input"
          type="search"
          placeholder={t('catalogue.search')}
          aria-label={t('catalogue.search')}
          value={typed}
          onInput={(event) => setTyped(event.currentTarget.value)}
        />
        <div class="chips" role="group" aria-label={t('catalogue.categories')}>
          {[undefined, ...categories].map((one) => (
            <button
              type="button"
              class="chip"
              aria-pressed={category === one}
              onClick={() => setCategory(one)}
            >
              {one === undefined ? t('catalogue.all') : categoryText(one)}
            </button>
          ))}
        </div>
      </div>
      <p class="hidden-text" role="status">
        {t('catalogue.found', { n: found.length })}
      </p>
      {found.length === 0 ? (
        <Empty icon="search" title={t('catalogue.none')}>
          {t('catalogue.none.what')}
        </Empty>
      ) : (
        <ul class="grid">
          {found.map((row) => (
            <Offer row={row} />
          ))}
        </ul>
      )}
    </>
  )
}

function Offer({ row }: { row: TemplateRow }) {
  const { name, problem, version, memory, disk, distribution } = row
  const installed = minions.value?.filter((minion) => minion.template === name).length ?? 0
  return (
    <li class="tile offer">
      <div class="head">
        <span class="mark-icon">
          <Icon name={categoryIcon(row.category)} />
        </span>
        <div class="who">
          <h2 class="title cut">
            {problem === undefined ? <Link to={`/catalogue/${name}`}>{name}</Link> : name}
          </h2>
          <span class="address cut faint numbers">
            {[row.category && categoryText(row.category), version].filter(Boolean).join(' · ')}
          </span>
        </div>
      </div>
      <p class="small">{problem === undefined ? own(row.summary) : said(problem)}</p>
      <div class="foot">
        {problem !== undefined && <span class="tag tone-bad">{t('catalogue.broken')}</span>}
        {memory !== undefined && (
          <span class="tag numbers" title={t('catalogue.memory')}>
            {t('catalogue.memory.short', { size: bytes(memory * MIB) })}
          </span>
        )}
        {disk !== undefined && (
          <span class="tag numbers" title={t('catalogue.disk')}>
            {t('catalogue.disk.short', { size: bytes(disk * MIB) })}
          </span>
        )}
        {distribution && (
          <span class="tag" title={t('catalogue.distribution.what')}>
            {t('catalogue.distribution')}
          </span>
        )}
        {installed > 0 && <span class="tag">{t('catalogue.installed', { n: installed })}</span>}
      </div>
      {problem === undefined && !may('operator') && <span class="hidden-text">{t('catalogue.viewer')}</span>}
    </li>
  )
}
