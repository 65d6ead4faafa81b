/** Letters to a small SMTP server of the test's own, over real sockets. */
import { createServer, type AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import { createSmtp } from './smtp.ts'

/** Says what RFC 5321 wants, or what `answers` says for a command. */
async function sink(t: Test, answers: Record<string, string> = {}) {
  const letters: string[] = []
  const commands: string[] = []
  const server = createServer((socket) => {
    let data: string | undefined
    socket.on('error', () => {})
    socket.write('220 sink ESMTP\r\n')
    let buffer = ''
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      buffer += chunk
      for (let end = buffer.indexOf('\r\n'); end >= 0; end = buffer.indexOf('\r\n')) {
        const line = buffer.slice(0, end)
        buffer = buffer.slice(end + 2)
        if (data !== undefined) {
          if (line !== '.') data += `${line}\n`
          else {
            letters.push(data)
            data = undefined
            socket.write(`${answers['.'] ?? '250 taken'}\r\n`)
          }
          continue
        }
        commands.push(line)
        const word = line.split(/[ :]/u)[0]?.toUpperCase() ?? ''
        const said =
          answers[word] ??
          { EHLO: '250-sink\r\n250 AUTH PLAIN', DATA: '354 go on', AUTH: '235 in' }[word] ??
          '250 ok'
        if (word === 'DATA' && said.startsWith('354')) data = ''
        socket.write(`${said}\r\n`)
      }
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const smtp = createSmtp({
    config: () => ({
      domain: 'box.test',
      email: 'ops@box.test',
      mail: { host: '127.0.0.1', port, user: 'kit', password: { secret: 'smtp' } },
    }),
    secret: (name) => (name === 'smtp' ? 's3cret-pass' : ''),
    timeoutMs: 2_000,
  })
  t.teardown(() => {
    smtp.close()
    server.close()
  })
  return { smtp, letters, commands }
}

const letter = {
  to: ['mira@example.org'],
  subject: 'Pipeline failed\r\nBcc: evil@example.org',
  text: 'Häß\n.\nend',
  html: '<b>Häß</b>',
  id: 'msg_1',
}

t.test('a letter', async (t) => {
  const { smtp, letters, commands } = await sink(t)
  t.match(await smtp.send(letter), { ok: true })
  const [text = ''] = letters
  t.match(text, /^From: Summoner <summoner@box\.test>$/mu)
  t.match(text, /^To: mira@example\.org$/mu)
  t.match(text, /^Message-ID: <msg_1@box\.test>$/mu)
  t.match(text, /^Auto-Submitted: auto-generated$/mu)
  t.notMatch(text, /^Bcc:/mu, 'a subject begins no header')
  t.notOk(commands.some((line) => line.includes('evil')))
  t.match(await smtp.send({ ...letter, to: [] }), { ok: true })
  t.match(letters[1], /^To: ops@box\.test$/mu, 'to the box’s own address where nobody is named')
})

t.test('what may pass is tried again', async (t) => {
  for (const answers of [
    { RCPT: '451 later' },
    { DATA: '421 bye' },
    { '.': '452 full' },
    { AUTH: '535 no s3cret-pass' },
  ]) {
    const { smtp } = await sink(t, answers)
    const outcome = await smtp.send(letter)
    t.match(outcome, { ok: false, retry: true }, JSON.stringify(answers))
  }
  const closed = createSmtp({
    config: () => ({ domain: 'box.test', mail: { host: '127.0.0.1', port: 1 } }),
    secret: () => '',
    timeoutMs: 500,
  })
  t.match(await closed.send(letter), { ok: false, retry: true, error: /ECONNREFUSED/ })
})

t.test('what is final is given up', async (t) => {
  const { smtp } = await sink(t, { RCPT: '550 no such user' })
  t.match(await smtp.send(letter), { ok: false, retry: false, status: 550 })
})
