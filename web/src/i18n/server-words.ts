/** What the daemon says in English, as the reader's language says it: by code where there is one, by shape where not. */
import type { Event } from '../../../server/events/event.ts'
import type { Minion } from '../../../server/minions/minion.ts'
import type { Trouble } from '../api/problem.ts'
import { daemonSentence, daemonTitle, language, t, tMaybe } from './i18n.ts'

/** A sentence of the daemon: in the reader's language where its shape is known. */
export const said = daemonSentence

export const titleText = ({ code, title }: Pick<Trouble, 'code' | 'title'>): string =>
  daemonTitle(code, title)

export const hintText = ({ hint }: Trouble): string => said(hint)

export function stepText(kind: string, step: string): string {
  const point = /^restore point: (.+)$/.exec(step)?.[1]
  if (point !== undefined) {
    const words = stepText('backup', point)
    return t('step.point', { step: words.charAt(0).toLocaleLowerCase(language()) + words.slice(1) })
  }
  return tMaybe(`step.${kind}.${step}`) ?? tMaybe(`step.${step}`) ?? step
}

export const jobText = (kind: string, minion: string | undefined): string =>
  tMaybe(`kind.${kind}`, { minion: minion ?? t('theBox') }) ?? `${kind} ${minion ?? ''}`

export function eventText({ type, minion, title, severity, source }: Event): string {
  // what a tool says stays as it said it
  if (source !== 'summoner') return title
  // why something failed stands only in the title
  if (severity === 'error' && language() === 'en') return title
  const shaped = said(title)
  if (shaped !== title) return shaped
  return tMaybe(`event.${type}`, { minion: minion ?? '' }) ?? title
}

/** Why a minion is as it is. */
export function reasonText({ reason, status }: Pick<Minion, 'reason' | 'status'>): string | undefined {
  if (reason === undefined) return undefined
  const doing = /^(summon|start|restart|dismiss): (.+)$/.exec(reason)
  if (doing && status !== 'failed' && status !== 'degraded') return stepText(doing[1] ?? '', doing[2] ?? '')
  return said(reason)
}
