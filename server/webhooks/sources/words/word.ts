/** A word for a fact, whichever tool tells it. */
import type { Event } from '../../../events/event.ts'

export interface Word {
  en: string
  fr: string
  severity?: Event['severity']
  sample: Partial<Pick<Event, 'title' | 'actor' | 'subject' | 'url' | 'project' | 'data'>> & { title: string }
}

/** Of every sample. */
export const MIRA = { name: 'Mira Holt', username: 'mira' }
