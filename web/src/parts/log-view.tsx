/** Lines as they come: follow, wrap, search, copy. What a program wrote is text, whatever it contains. */
import { useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks'
import { t, time } from '../i18n/i18n.ts'
import { keep, kept } from '../session/kept.ts'
import { cleanLine, pieces } from './log-text.ts'
import { CheckField } from './field.tsx'
import { Copy } from './copy.tsx'

export interface LogLine {
  key: string | number
  line: string
  at?: string
  who?: string
  error?: boolean
}

interface LogViewProps {
  lines: readonly LogLine[]
  /** More may come. */
  following: boolean
  label: string
  /** With search and switches. */
  tools?: boolean
}

export function LogView({ lines, following, label, tools = false }: LogViewProps) {
  const [wrap, setWrap] = useState(kept('log-wrap') !== 'no')
  const [follows, setFollows] = useState(true)
  const [wanted, setWanted] = useState('')
  const box = useRef<HTMLDivElement>(null)
  const clean = useMemo(() => lines.map((line) => ({ ...line, line: cleanLine(line.line) })), [lines])
  const shown =
    wanted === '' ? clean : clean.filter(({ line }) => line.toLowerCase().includes(wanted.toLowerCase()))
  useLayoutEffect(() => {
    if (follows && box.current) box.current.scrollTop = box.current.scrollHeight
  }, [shown.length, follows, clean.at(-1)?.key])
  const onScroll = () => {
    const { current } = box
    if (current && following) setFollows(current.scrollHeight - current.scrollTop - current.clientHeight < 40)
  }
  return (
    <div class="stack tight">
      {tools && (
        <div class="row wide">
          <input
            class="input grow"
            type="search"
            placeholder={t('log.search')}
            aria-label={t('log.search')}
            value={wanted}
            onInput={(event) => setWanted(event.currentTarget.value)}
          />
          <CheckField label={t('log.follow')} checked={follows} onChange={setFollows} />
          <CheckField
            label={t('log.wrap')}
            checked={wrap}
            onChange={(value) => {
              setWrap(value)
              keep('log-wrap', value ? null : 'no')
            }}
          />
          <Copy
            text={shown.map(({ at, who, line }) => [at, who, line].filter(Boolean).join(' ')).join('\n')}
            label={t('copy')}
          />
        </div>
      )}
      {wanted !== '' && (
        <p class="small faint" role="status">
          {t('log.found', { n: shown.length })}
        </p>
      )}
      <div
        class={`log ${wrap ? 'wrap' : ''}`}
        ref={box}
        onScroll={onScroll}
        tabIndex={0}
        role="log"
        aria-label={label}
        aria-live="off"
      >
        {shown.map(({ key, at, who, line, error }) => (
          <div key={key} class={error ? 'stderr' : ''}>
            {at && (
              <span class="when" title={time(at)}>
                {time(at, 'clock')}
              </span>
            )}
            {who && <span class="who">{who}</span>}
            <span class="text">
              {pieces(line, wanted).map((piece) => (piece.found ? <mark>{piece.text}</mark> : piece.text))}
            </span>
          </div>
        ))}
        {shown.length === 0 && <div class="faint">{wanted === '' ? t('log.empty') : t('log.nothing')}</div>}
      </div>
    </div>
  )
}
