/** The engine's three kinds of streams as async iterables: JSON lines, multiplexed logs, build and pull progress. */
import { createInterface } from 'node:readline'

export async function* jsonLines<T>(stream: NodeJS.ReadableStream): AsyncGenerator<T> {
  for await (const line of createInterface({ input: stream, crlfDelay: Infinity })) {
    if (line.trim()) yield JSON.parse(line) as T
  }
}

export interface LogChunk {
  stream: 'stdout' | 'stderr'
  data: Buffer
}

/** Frames of the attach protocol: 1 byte stream, 3 bytes zero, 4 bytes length, payload. A TTY has no frames. */
export async function* demultiplex(stream: AsyncIterable<Buffer>, tty: boolean): AsyncGenerator<LogChunk> {
  let rest: Buffer = Buffer.alloc(0)
  for await (const chunk of stream) {
    if (tty) {
      yield { stream: 'stdout', data: chunk }
      continue
    }
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    while (rest.length >= 8) {
      const length = rest.readUInt32BE(4)
      if (rest.length < 8 + length) break
      yield { stream: rest[0] === 2 ? 'stderr' : 'stdout', data: rest.subarray(8, 8 + length) }
      rest = rest.subarray(8 + length)
    }
  }
}

/** Whole lines of each stream, with the engine's timestamp cut off the front. */
export async function* logLines(
  chunks: AsyncIterable<LogChunk>,
): AsyncGenerator<{ at: string; stream: LogChunk['stream']; line: string }> {
  const partial = { stdout: '', stderr: '' }
  for await (const { stream, data } of chunks) {
    const lines = (partial[stream] + data.toString('utf8')).split('\n')
    partial[stream] = lines.pop() ?? ''
    for (const line of lines) yield stamped(stream, line)
  }
  for (const stream of ['stdout', 'stderr'] as const)
    if (partial[stream]) yield stamped(stream, partial[stream])
}

function stamped(stream: LogChunk['stream'], text: string) {
  const line = text.replace(/\r$/, '')
  const at = line.indexOf(' ')
  return at < 0 ? { at: line, stream, line: '' } : { at: line.slice(0, at), stream, line: line.slice(at + 1) }
}
