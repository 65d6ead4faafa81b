/** A name server that answers SERVFAIL to a share of all questions, and hands the others on. */
import { createSocket, type RemoteInfo } from 'node:dgram'

const SERVFAIL = 2

export async function startTroubledDns({ share, random }: { share: number; random(): number }) {
  let target = { host: '127.0.0.1', port: 1 }
  const server = createSocket('udp4')
  const counts = { asked: 0, failed: 0 }
  server.on('message', (question: Buffer, from: RemoteInfo) => {
    counts.asked++
    if (random() < share) {
      counts.failed++
      const answer = Buffer.from(question)
      answer[2] = (answer[2] ?? 0) | 0x80
      answer[3] = SERVFAIL
      server.send(answer, from.port, from.address)
      return
    }
    const onward = createSocket('udp4')
    const end = setTimeout(() => onward.close(), 5_000)
    onward.once('message', (answer) => {
      clearTimeout(end)
      onward.close()
      server.send(answer, from.port, from.address)
    })
    onward.send(question, target.port, target.host)
  })
  await new Promise<void>((resolve) => server.bind(0, '127.0.0.1', resolve))
  return {
    address: `127.0.0.1:${server.address().port}`,
    counts,
    handOn(to: string) {
      const [host = '', port = ''] = to.split(':')
      target = { host, port: Number(port) }
    },
    close: () => server.close(),
  }
}
