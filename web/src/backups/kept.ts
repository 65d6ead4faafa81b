/** Why a set stays or goes, as the policy says it, as words for people. Pure. */
import type { Key } from '../i18n/i18n.ts'

const PERIOD = /^(hourly|daily|weekly|monthly|yearly) (.+)$/

const SENTENCES: Readonly<Record<string, Key>> = {
  last: 'kept.last',
  'the newest good set': 'kept.newest',
  'the newest proven set': 'kept.proven',
  'the policy is empty': 'kept.everything',
  'no set is known to be good': 'kept.unknown',
}

/** Undefined where the daemon says something that this page does not know: then its own words stand. */
export function keptKey(reason: string): { key: Key; values?: Record<string, string> } | undefined {
  const [, period, bucket = ''] = PERIOD.exec(reason) ?? []
  if (period) return { key: `kept.${period}` as Key, values: { of: bucket } }
  if (reason.startsWith('a restore point ')) return { key: 'kept.point' }
  if (reason.startsWith('outside the policy')) return { key: 'kept.outside' }
  const key = SENTENCES[reason]
  return key && { key }
}
