import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import t from 'tap'
import { hostFiles } from './host.ts'
import { holdersOf, listeningInodes } from './sockets.ts'

const TABLE = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000:0050 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1111 1 0 100 0 0 10 0
   1: 0100007F:0050 0100007F:C350 01 00000000:00000000 00:00000000 00000000     0        0 2222 1 0 20 4 30 10 -1
   2: 00000000:01BB 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 3333 1 0 100 0 0 10 0
`

t.test('only listening sockets of the port count', async (t) => {
  t.same(listeningInodes(TABLE, 80), ['1111'])
  t.same(listeningInodes(TABLE, 443), ['3333'])
  t.same(listeningInodes(TABLE, 8080), [])
})

t.test('workers of one program are one holder; who cannot be seen is another program', async (t) => {
  const links: Record<string, string> = {
    '/proc/10/fd/3': 'socket:[1111]',
    '/proc/11/fd/3': 'socket:[1111]',
    '/proc/12/fd/0': '/dev/null',
  }
  const files = {
    read: async (path: string) => {
      if (path === '/proc/net/tcp') return TABLE
      if (path.endsWith('/comm')) return 'apache2\n'
      throw new Error('ENOENT')
    },
    list: async (path: string) => {
      if (path === '/proc') return ['10', '11', '12', '13', 'self']
      const found = Object.keys(links).filter((link) => link.startsWith(`${path}/`))
      if (found.length === 0) throw new Error('EACCES')
      return found.map((link) => link.slice(path.length + 1))
    },
    link: async (path: string) => links[path] ?? '',
  }
  t.same(await holdersOf(80, files), [{ process: 'apache2', pid: 10 }])
  t.same(await holdersOf(443, files), [{ process: 'another program' }])
  t.same(await holdersOf(8080, files), [])
})

t.test('a real port of this very process is found', async (t) => {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => server.close())
  const { port } = server.address() as AddressInfo
  t.ok((await holdersOf(port, hostFiles)).some(({ pid }) => pid === process.pid))
})
