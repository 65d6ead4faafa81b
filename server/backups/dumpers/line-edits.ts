/** A stream of SQL with the beginnings of some lines changed. Lines may be longer than memory: only their beginnings are held. */

const HELD = 512
const END = 0x0a

/** `change` sees the first bytes of each line, its end included where it is so short. */
export async function* linesChanged(
  content: AsyncIterable<Uint8Array>,
  change: (begin: string) => string,
): AsyncGenerator<Buffer, void, undefined> {
  let begin: Buffer = Buffer.alloc(0)
  let within = false
  const changed = (bytes: Buffer) => Buffer.from(change(bytes.toString('latin1')), 'latin1')
  for await (const chunk of content) {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
    const out: Buffer[] = []
    for (let at = 0; at < bytes.length;) {
      const found = bytes.indexOf(END, at)
      const end = found === -1 ? bytes.length : found + 1
      if (within) {
        out.push(bytes.subarray(at, end))
        at = end
        within = found === -1
        continue
      }
      const taken = Math.min(end, at + HELD - begin.length)
      begin = Buffer.concat([begin, bytes.subarray(at, taken)])
      at = taken
      const whole = begin.at(-1) === END
      if (!whole && begin.length < HELD) continue
      out.push(changed(begin))
      begin = Buffer.alloc(0)
      within = !whole
    }
    if (out.length > 0) yield Buffer.concat(out)
  }
  if (begin.length > 0) yield changed(begin)
}

/** Statements that name who defined a view, trigger, routine or event: whoever runs them. */
export const ownDefiner = (begin: string): string =>
  /^(\/\*!5\d{4} (CREATE\*\/|DEFINER)|CREATE DEFINER)/.test(begin)
    ? begin.replace(/DEFINER=`(?:[^`]|``)*`@`(?:[^`]|``)*`/, 'DEFINER=CURRENT_USER')
    : begin

/** What two dumps of the same data may differ in: comments, settings of the client, names of accounts. */
export function sameInEveryDump(begin: string): string {
  if (/^(--|\/\*M?!999999|\\(un)?restrict )/.test(begin)) return '\n'
  return ownDefiner(begin)
}
