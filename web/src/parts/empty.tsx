import type { ComponentChildren } from 'preact'
import type { Asked } from '../api/ask.ts'
import { t } from '../i18n/i18n.ts'
import { Icon, type IconName } from './icon.tsx'
import { TroubleNote } from './note.tsx'

/** An empty list says what it will hold, and starts it. */
export function Empty({ icon, title, children, action, alone = false }: EmptyProps) {
  const Title = alone ? 'h1' : 'h2'
  return (
    <div class="empty">
      <Icon name={icon} />
      <Title>{title}</Title>
      {children && <p>{children}</p>}
      {action}
    </div>
  )
}
interface EmptyProps {
  icon: IconName
  title: string
  /** It is all that the page shows. */
  alone?: boolean
  children?: ComponentChildren
  action?: ComponentChildren
}

/** Quiet bars in the shape of what comes; said once to those who do not see them. */
export function Skeleton({ lines = 3, height = 18 }: { lines?: number; height?: number }) {
  return (
    <div class="stack tight" role="status">
      <span class="hidden-text">{t('loading')}</span>
      {Array.from({ length: lines }, (_, index) => (
        <div class="skeleton" style={{ height: `${height}px`, width: `${100 - (index % 3) * 14}%` }} />
      ))}
    </div>
  )
}

interface LoadedProps<T> {
  asked: Asked<T>
  lines?: number
  height?: number
  children(data: T): ComponentChildren
}
/** The answer, the wait for it, or why there is none. */
export function Loaded<T>({ asked, lines, height, children }: LoadedProps<T>) {
  const { data, trouble, again } = asked
  return (
    <>
      {trouble && <TroubleNote trouble={trouble} again={again} />}
      {data !== undefined ? (
        children(data)
      ) : trouble ? null : (
        <Skeleton {...(lines === undefined ? {} : { lines })} {...(height === undefined ? {} : { height })} />
      )}
    </>
  )
}
