import t from 'tap'
import { hostFacts, hostFiles, hostNetwork } from './host.ts'

t.test('facts from the files of the kernel', async (t) => {
  const files: Record<string, string> = {
    '/etc/os-release': 'NAME="Debian"\nPRETTY_NAME="Debian GNU/Linux 13 (trixie)"\n',
    '/proc/sys/kernel/osrelease': '6.12.0\n',
    '/proc/meminfo': 'MemTotal:        2048 kB\nMemFree: 1 kB\nMemAvailable:    1024 kB\nSwapTotal: 512 kB\n',
  }
  t.same(await hostFacts({ read: async (path) => files[path] ?? '' }), {
    system: 'Debian GNU/Linux 13 (trixie)',
    kernel: '6.12.0',
    memory: { total: 2048 * 1024, available: 1024 * 1024, swap: 512 * 1024 },
  })
})

t.test('the real host answers', async (t) => {
  const facts = await hostFacts(hostFiles)
  t.ok(facts.memory.total > 0)
  const space = await hostFiles.space('/')
  t.ok(space.total >= space.free && space.free > 0)
  t.match(await hostNetwork.lookup('localhost'), [/127\.|::1/u])
  t.notOk(hostNetwork.addresses().some((address) => address.startsWith('127.')))
})
