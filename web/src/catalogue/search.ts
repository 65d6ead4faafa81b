/** Which templates a search shows; pure. */
import type { TemplateRow } from '../../../server/templates/templates.routes.ts'

const plain = (text: string) => text.normalize('NFD').replaceAll(/\p{M}/gu, '').toLowerCase()

/** In both languages: who searches `blog` or `wiki` finds it either way. */
export function searchTemplates(
  rows: readonly TemplateRow[],
  { typed, category }: { typed: string; category: string | undefined },
): TemplateRow[] {
  const words = plain(typed).split(/\s+/).filter(Boolean)
  return rows
    .filter((row) => category === undefined || row.category === category)
    .filter((row) => {
      const text = plain([row.name, row.category, row.summary?.en, row.summary?.fr].filter(Boolean).join(' '))
      return words.every((word) => text.includes(word))
    })
    .sort((a, b) => rank(a, words) - rank(b, words) || (a.name < b.name ? -1 : 1))
}

const rank = (row: TemplateRow, words: readonly string[]) =>
  words.length > 0 && plain(row.name).startsWith(words[0] ?? '') ? 0 : 1

export const categoriesOf = (rows: readonly TemplateRow[]): string[] =>
  [...new Set(rows.map(({ category }) => category).filter((category) => category !== undefined))].sort()
