/** The terminal itself: what the program writes is drawn, what is typed is sent. Loaded when somebody opens one. */
import '@xterm/xterm/css/xterm.css'
import { FitAddon } from '@xterm/addon-fit'
import { Terminal } from '@xterm/xterm'
import { useEffect, useRef } from 'preact/hooks'
import { part, post, put } from '../api/client.ts'
import { follow } from '../api/follow.ts'
import { defineOwnStyle } from './own-style.ts'

/** Most that one request carries. */
const PIECE = 16_384

export interface Ended {
  why: 'ended' | 'idle' | 'closed' | 'off'
  code?: number
}

interface ViewProps {
  id: string
  label: string
  onEnd(ended: Ended): void
}

export function TerminalView({ id, label, onEnd }: ViewProps) {
  const place = useRef<HTMLDivElement>(null)
  useEffect(() => {
    const element = place.current
    if (!element) return
    defineOwnStyle()
    Terminal.strings.promptLabel = label
    const { fontFamily, colors } = looksOf(element)
    const terminal = new Terminal({
      fontFamily,
      fontSize: 13,
      theme: colors,
      cursorBlink: false,
      minimumContrastRatio: 4.5,
      screenReaderMode: true,
      scrollback: 5_000,
    })
    const fit = new FitAddon()
    terminal.loadAddon(fit)
    terminal.open(element)
    terminal.focus()
    const stopped = new AbortController()
    const path = `/terminals/${part(id)}`
    const end = (ended: Ended) => {
      stopped.abort()
      onEnd(ended)
    }
    const send = sender((data) => post(`${path}/input`, { data }).catch(() => end({ why: 'closed' })))
    terminal.onData(send)
    terminal.onBinary(send)
    let timer: ReturnType<typeof setTimeout> | undefined
    terminal.onResize(({ rows, cols }) => {
      clearTimeout(timer)
      timer = setTimeout(() => void put(`${path}/size`, { rows, columns: cols }).catch(() => {}), 100)
    })
    const watch = new ResizeObserver(() => fit.fit())
    watch.observe(element)
    void follow(`${path}/output`, {
      signal: stopped.signal,
      ends: true,
      onRefused: () => end({ why: 'closed' }),
      onMessage({ event, data }) {
        if (event === 'output') terminal.write(bytesOf(JSON.parse(data) as string))
        else if (event === 'end') end(JSON.parse(data) as Ended)
      },
    })
    return () => {
      stopped.abort()
      watch.disconnect()
      clearTimeout(timer)
      terminal.dispose()
    }
  }, [id])
  return <div class="seat" ref={place} role="group" aria-label={label} />
}

/** One request at a time, so that what is typed arrives in order. */
function sender(put: (data: string) => Promise<unknown>): (data: string) => void {
  let waiting = ''
  let sending = false
  const next = async () => {
    sending = true
    while (waiting !== '') {
      const data = waiting.slice(0, PIECE)
      waiting = waiting.slice(PIECE)
      await put(data)
    }
    sending = false
  }
  return (data) => {
    waiting += data
    if (!sending) void next()
  }
}

const bytesOf = (base64: string): Uint8Array => Uint8Array.from(atob(base64), (sign) => sign.charCodeAt(0))

/** The page's own letters and colours; a terminal cannot read them from the style sheet. */
function looksOf(element: HTMLElement) {
  const style = getComputedStyle(element)
  const { fontFamily, color, backgroundColor } = style
  return {
    fontFamily,
    colors: {
      foreground: color,
      background: backgroundColor,
      cursor: color,
      cursorAccent: backgroundColor,
      selectionBackground: style.getPropertyValue('--g7').trim(),
    },
  }
}
