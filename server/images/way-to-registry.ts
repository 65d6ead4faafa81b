/**
 * The engine speaks plain HTTP to registries of the machine itself only. A minion's address is not one of those, and its
 * host name may neither resolve nor be trusted here; so while something is pushed or pulled a port of the loopback leads to
 * it. The registry asks for its account there as everywhere.
 */
import { connect, createServer, type Socket } from 'node:net'

export interface Way {
  /** `127.0.0.1:port`: the registry as the engine is told it. */
  registry: string
  close(): void
}

export function openWay(upstream: string): Promise<Way> {
  const [host = '', port = ''] = upstream.split(':')
  const open = new Set<Socket>()
  const server = createServer((near) => {
    const far = connect(Number(port), host)
    const both = [near, far]
    for (const socket of both) {
      open.add(socket)
      socket.once('close', () => {
        open.delete(socket)
        for (const other of both) other.destroy()
      })
      // the engine sees the end of its connection; there is nobody else to tell
      socket.on('error', () => {})
    }
    near.pipe(far)
    far.pipe(near)
  })
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      const at = typeof address === 'object' && address ? address.port : 0
      resolve({
        registry: `127.0.0.1:${at}`,
        close() {
          server.close()
          for (const socket of open) socket.destroy()
        },
      })
    })
  })
}
