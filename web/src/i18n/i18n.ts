/** The language of the page: kept in this browser, else the browser's own. One file each, loaded when it is chosen. */
import { signal } from '@preact/signals'
import type { en } from './en.ts'
import {
  daysUntil,
  formatAgo,
  formatBytes,
  formatNumber,
  formatPercent,
  formatSpan,
  formatTime,
  formatUnit,
} from './format.ts'
import { keep, kept } from '../session/kept.ts'
import { chooseLanguage, fill, type Language, type Values } from './words.ts'

export type Key = keyof typeof en
type Words = Record<Key, string>

/** What the daemon says in English, said in another language. */
interface Translated {
  sentence(text: string): string
  titles: Readonly<Record<string, string>>
}

const state = signal<{ language: Language; words: Words; daemon?: Translated } | undefined>(undefined)
/** Every half minute, so that "3 minutes ago" stays true. */
export const now = signal(Date.now())
setInterval(() => {
  now.value = Date.now()
}, 30_000)

export async function setLanguage(language: Language, remember = true): Promise<void> {
  if (language === 'fr') {
    const [{ fr }, { frenchSentence, frenchTitles }] = await Promise.all([
      import('./fr.ts'),
      import('./server-french.ts'),
    ])
    state.value = { language, words: fr, daemon: { sentence: frenchSentence, titles: frenchTitles } }
  } else state.value = { language, words: (await import('./en.ts')).en }
  document.documentElement.lang = language
  if (remember) keep('language', language)
}

export const startLanguage = () => setLanguage(chooseLanguage(kept('language'), navigator.languages), false)

export const language = (): Language => state.value?.language ?? 'en'

export function t(key: Key, values: Values = {}): string {
  const current = state.value
  return current ? fill(current.words[key], values, current.language) : ''
}

export const daemonSentence = (text: string): string => state.value?.daemon?.sentence(text) ?? text
export const daemonTitle = (code: string, title: string): string => state.value?.daemon?.titles[code] ?? title

/** For keys that are put together from what the daemon says. */
export function tMaybe(key: string, values: Values = {}): string | undefined {
  const current = state.value
  return current && Object.hasOwn(current.words, key) ? t(key as Key, values) : undefined
}

/** `{en, fr}` of a template. */
export const own = (text: { en: string; fr: string } | undefined): string => text?.[language()] ?? ''

export const bytes = (value: number) => formatBytes(value, language())
export const number = (value: number, digits?: number) => formatNumber(value, language(), digits)
export const percent = (value: number) => formatPercent(value, language())
export const span = (ms: number) => formatSpan(ms, language())
export function ago(at: string | number): string {
  // drawn again with `now`, which may be half a minute old: what just happened is not to come
  return formatAgo(at, Math.max(now.value, Date.now()), language())
}
export const time = (at: string | number, style?: 'full' | 'clock' | 'date') =>
  formatTime(at, language(), style)
export const daysLeft = (at: string) => daysUntil(at, now.value)
export const unit = (value: number, name: 'day' | 'hour' | 'minute' | 'month') =>
  formatUnit(value, name, language())
