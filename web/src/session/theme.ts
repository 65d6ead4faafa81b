/** Dark or light: as the system is, unless somebody chose. */
import { signal } from '@preact/signals'
import { keep, kept } from './kept.ts'

export type Theme = 'system' | 'light' | 'dark'
const dark = window.matchMedia('(prefers-color-scheme: dark)')

export const theme = signal<Theme>(asTheme(kept('theme')))
/** What is shown now, for what cannot read CSS (graphs). */
export const shown = signal<'light' | 'dark'>('light')

function asTheme(value: string | null): Theme {
  return value === 'light' || value === 'dark' ? value : 'system'
}

function show(): void {
  shown.value = theme.value === 'system' ? (dark.matches ? 'dark' : 'light') : theme.value
  document.documentElement.dataset['theme'] = shown.value
}

export function setTheme(value: Theme): void {
  theme.value = value
  keep('theme', value === 'system' ? null : value)
  show()
}

export function startTheme(): void {
  show()
  dark.addEventListener('change', show)
}
