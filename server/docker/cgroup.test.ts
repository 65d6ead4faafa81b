import t from 'tap'
import { join } from 'node:path'
import { cgroupPaths, networkTotals, readCgroup } from './cgroup.ts'

const net = `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo:     500       5    0    0    0     0          0         0      500       5    0    0    0     0       0          0
  eth0:    1000      10    0    0    0     0          0         0     2000      20    0    0    0     0       0          0
  eth1:       1       1    0    0    0     0          0         0        2       2    0    0    0     0       0          0
`

t.test('v1: one file tree per controller', async (t) => {
  const dir = t.testdir({
    proc: {
      '7': {
        cgroup: '4:memory:/docker/x\n3:cpu,cpuacct:/docker/x\n2:blkio:/docker/x\n1:pids:/docker/x\n0::/\n',
        net: { dev: net },
      },
    },
    cgroup: {
      memory: {
        docker: {
          x: {
            'memory.usage_in_bytes': '5000\n',
            'memory.limit_in_bytes': '9223372036854771712\n',
            'memory.stat': 'cache 9\ntotal_inactive_file 1000\n',
          },
        },
      },
      cpuacct: { docker: { x: { 'cpuacct.usage': '123456\n' } } },
      blkio: {
        docker: {
          x: {
            'blkio.throttle.io_service_bytes_recursive': '8:0 Read 10\n8:0 Write 20\n8:16 Read 1\nTotal 31\n',
          },
        },
      },
      pids: { docker: { x: { 'pids.current': '3\n' } } },
    },
  })
  t.same(readCgroup(7, join(dir, 'cgroup'), join(dir, 'proc')), {
    cpuNanoseconds: 123456,
    memory: 4000,
    memoryLimit: 0,
    blockRead: 11,
    blockWrite: 20,
    pids: 3,
    networkIn: 1001,
    networkOut: 2002,
  })
})

t.test('v2: one tree for all', async (t) => {
  const dir = t.testdir({
    proc: { '7': { cgroup: '0::/system.slice/docker-x.scope\n', net: { dev: net } } },
    cgroup: {
      'system.slice': {
        'docker-x.scope': {
          'memory.current': '5000\n',
          'memory.max': '8000\n',
          'memory.stat': 'anon 1\ninactive_file 1000\n',
          'cpu.stat': 'usage_usec 7\nuser_usec 3\n',
          'io.stat': '8:0 rbytes=10 wbytes=20 rios=1 wios=1\n8:16 rbytes=1 wbytes=2\n',
          'pids.current': '3\n',
        },
      },
    },
  })
  t.match(readCgroup(7, join(dir, 'cgroup'), join(dir, 'proc')), {
    cpuNanoseconds: 7000,
    memory: 4000,
    memoryLimit: 8000,
    blockRead: 11,
    blockWrite: 22,
    pids: 3,
  })
})

t.test('a container that ended meanwhile reads as zeros', async (t) => {
  t.match(readCgroup(1, '/nowhere', '/nowhere'), { memory: 0, pids: 0, networkIn: 0 })
  t.same([...cgroupPaths('nonsense\n')], [])
  t.same(networkTotals(''), { networkIn: 0, networkOut: 0 })
})
