/** Texts with places for values: `{name}`, and one form for each plural separated by ` | ` when `{n}` counts; pure. */
export type Values = Record<string, string | number>

export function fill(text: string, values: Values, language: string): string {
  const { n } = values
  let chosen = text
  if (typeof n === 'number' && text.includes(' | ')) {
    const [one = '', many = ''] = text.split(' | ')
    chosen = new Intl.PluralRules(language).select(n) === 'one' ? one : many
  }
  return chosen.replace(/\{(\w+)\}/g, (all, key: string) => {
    const value = values[key]
    if (value === undefined) return all
    return typeof value === 'number' ? new Intl.NumberFormat(language).format(value) : value
  })
}

/** The languages there are; the browser's first wish that we have. */
export const LANGUAGES = ['en', 'fr'] as const
export type Language = (typeof LANGUAGES)[number]

export function chooseLanguage(kept: string | null, wishes: readonly string[]): Language {
  const known = (text: string) => LANGUAGES.find((language) => text.toLowerCase().split('-')[0] === language)
  for (const wish of [kept ?? '', ...wishes]) {
    const found = known(wish)
    if (found) return found
  }
  return 'en'
}
