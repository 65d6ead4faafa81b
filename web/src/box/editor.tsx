/** config.yml as a text: checked while one types, every fault at its line, saved only against the version that was read. */
import { useEffect, useRef, useState } from 'preact/hooks'
import type { Problem } from '../../../server/errors.ts'
import { useAct, useAsk } from '../api/ask.ts'
import { get, post, put } from '../api/client.ts'
import { t } from '../i18n/i18n.ts'
import { Copy } from '../parts/copy.tsx'
import { DiffView } from '../parts/diff-view.tsx'
import { Loaded } from '../parts/empty.tsx'
import { Note, TroubleNote } from '../parts/note.tsx'
import { notify } from '../parts/notices.tsx'
import { Rich } from '../parts/rich.tsx'
import { may } from '../session/session.ts'

interface Version {
  text: string
  etag: string
  problem?: Problem
}

export function Editor({ onSaved }: { onSaved(): void }) {
  const file = useAsk(() => get<Version>('/config'), [])
  return (
    <Loaded asked={file} lines={8}>
      {(version) => (
        <Edit
          version={version}
          onSaved={(text, etag) => {
            file.set({ text, etag })
            onSaved()
          }}
          onReload={file.again}
        />
      )}
    </Loaded>
  )
}

interface EditProps {
  version: Version
  onSaved(text: string, etag: string): void
  onReload(): void
}

function Edit({ version, onSaved, onReload }: EditProps) {
  const [base, setBase] = useState(version)
  const [text, setText] = useState(version.text)
  const [problem, setProblem] = useState<Problem | undefined>(version.problem)
  const [looking, setLooking] = useState(false)
  const { busy, trouble, act } = useAct()
  const lines = useRef<HTMLDivElement>(null)
  const area = useRef<HTMLTextAreaElement>(null)
  const changed = text !== base.text
  // the file changed on disk while nothing was typed: show the new one
  useEffect(() => {
    if (version.etag === base.etag) return
    if (!changed) setText(version.text)
    setBase(version)
    setProblem(version.problem)
  }, [version.etag])
  useEffect(() => {
    if (text === version.text) {
      setProblem(version.problem)
      return
    }
    const stopped = new AbortController()
    const timer = setTimeout(() => {
      post<{ problem?: Problem }>('/config/check', { text }, { signal: stopped.signal }).then(
        (answer) => setProblem(answer.problem),
        () => {},
      )
    }, 350)
    return () => {
      clearTimeout(timer)
      stopped.abort()
    }
  }, [text])
  const faults = problem ? (problem.errors ?? [problem]) : []
  const bad = new Map(faults.map((fault) => [fault.line, fault.detail]))
  const count = text.split('\n').length
  const editable = may('administrator')
  const toLine = (line: number | undefined) => {
    const { current } = area
    if (!current || line === undefined) return
    const start =
      text
        .split('\n')
        .slice(0, line - 1)
        .join('\n').length + (line > 1 ? 1 : 0)
    current.focus()
    current.setSelectionRange(start, text.indexOf('\n', start) < 0 ? text.length : text.indexOf('\n', start))
    current.scrollTop = (line - 4) * (current.scrollHeight / count)
  }
  const save = () =>
    act(async () => {
      const saved = await put<Version>('/config', { text }, { headers: { 'if-match': base.etag } })
      setBase(saved)
      setText(saved.text)
      notify('ok', t('config.saved'))
      onSaved(saved.text, saved.etag)
    })
  return (
    <div class="stack">
      <div class="editor">
        <div class="lines" ref={lines} aria-hidden="true">
          {Array.from({ length: count }, (_, index) => (
            <div class={bad.has(index + 1) ? 'bad' : ''}>
              {bad.has(index + 1) ? `▸ ${index + 1}` : index + 1}
            </div>
          ))}
        </div>
        <textarea
          ref={area}
          aria-label="config.yml"
          aria-invalid={faults.length > 0}
          aria-describedby="config-faults"
          spellcheck={false}
          autoComplete="off"
          readOnly={!editable}
          rows={Math.min(28, Math.max(8, count))}
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
          onScroll={(event) => {
            if (lines.current) lines.current.scrollTop = event.currentTarget.scrollTop
          }}
        />
      </div>
      <div id="config-faults" role="status">
        {faults.length > 0 && (
          <Note tone="bad">
            <ul class="stack tight">
              {faults.map((fault) => (
                <li>
                  <button type="button" class="button small quiet mono" onClick={() => toLine(fault.line)}>
                    {fault.line === undefined
                      ? t('config.file')
                      : t('error.place', { line: fault.line, column: fault.column ?? 1 })}
                  </button>{' '}
                  <Rich text={fault.detail} />
                </li>
              ))}
            </ul>
          </Note>
        )}
      </div>
      {trouble && (
        <TroubleNote trouble={trouble} again={trouble.code === 'config.stale' ? onReload : undefined} />
      )}
      {looking && changed && <DiffView before={base.text} after={text} label={t('config.diff')} />}
      <div class="row">
        {editable && (
          <button
            type="button"
            class="button main"
            disabled={!changed || busy || faults.length > 0}
            onClick={() => void save()}
          >
            {t('config.save')}
          </button>
        )}
        {changed && (
          <>
            <button type="button" class="button" aria-pressed={looking} onClick={() => setLooking(!looking)}>
              {t('config.diff')}
            </button>
            <button type="button" class="button quiet" onClick={() => setText(base.text)}>
              {t('config.revert')}
            </button>
          </>
        )}
        {!editable && <span class="small faint">{t('config.readOnly')}</span>}
        <span class="grow" />
        <Copy text={text} label={t('copy')} />
      </div>
    </div>
  )
}
