/** Questions on the terminal. */
import { createInterface } from 'node:readline'
import { Writable } from 'node:stream'

/** One answer; `hidden` shows nothing of what is typed. Ends with an empty answer at Ctrl-D, with 130 at Ctrl-C. */
export function askOn(
  input: NodeJS.ReadStream,
  output: NodeJS.WriteStream,
): (question: string, options?: { hidden?: boolean }) => Promise<string> {
  return (question, { hidden = false } = {}) =>
    new Promise((resolve) => {
      output.write(question)
      // readline echoes to its own output: a mute one hides what is typed and still edits the line.
      const mute = new Writable({ write: (_chunk, _encoding, done) => done() })
      const lines = createInterface({ input, output: hidden ? mute : output, terminal: true, historySize: 0 })
      if (!hidden) lines.setPrompt(question)
      let answer = ''
      lines.on('line', (line) => {
        answer = line
        lines.close()
      })
      lines.on('SIGINT', () => {
        output.write('\n')
        lines.close()
        process.exit(130)
      })
      lines.on('close', () => {
        if (hidden) output.write('\n')
        resolve(answer)
      })
    })
}

/** Only a plain yes is one, in English or French. */
export const agrees = async (ask: (question: string) => Promise<string>): Promise<boolean> =>
  /^(?:y|yes|o|oui)$/iu.test((await ask('Go ahead? [y/N] ')).trim())
