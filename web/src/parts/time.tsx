import { ago, time } from '../i18n/i18n.ts'

/** Relative, with the exact time on hover. */
export function When({ at }: { at: string }) {
  return (
    <time dateTime={at} title={time(at)}>
      {ago(at)}
    </time>
  )
}
