import t from 'tap'
import { addressesOf, nextSubnets, prefixFor } from './subnets.ts'

t.test('lowest free subnets, in the order of the keys', async (t) => {
  t.strictSame(nextSubnets('10.213.0.0/16', 28, [], ['default', 'back']), {
    default: '10.213.0.0/28',
    back: '10.213.0.16/28',
  })
})

t.test('nothing overlaps what is taken, whatever its size or place', async (t) => {
  const table: [taken: string[], expected: string][] = [
    [['10.213.0.0/28'], '10.213.0.16/28'],
    [['10.213.0.16/28'], '10.213.0.0/28'],
    [['10.213.0.5/32'], '10.213.0.16/28'],
    [['10.213.0.0/24', '10.213.1.0/30'], '10.213.1.16/28'],
    [['10.0.0.0/9', '172.17.0.0/16', '0.0.0.0/0', 'fd00::/8', 'junk'], '10.213.0.0/28'],
    [['10.213.0.0/17', '10.213.128.0/27'], '10.213.128.32/28'],
    [['10.213.0.17/28', '10.213.0.0/28'], '10.213.0.32/28'],
  ]
  for (const [taken, expected] of table) {
    t.equal(nextSubnets('10.213.0.0/16', 28, taken, ['default'])['default'], expected, taken.join(' '))
  }
})

t.test('larger networks are aligned', async (t) => {
  t.equal(nextSubnets('10.213.0.0/16', 26, ['10.213.0.0/28'], ['x'])['x'], '10.213.0.64/26')
})

t.test('3000 minions, each once, then a clear end', async (t) => {
  const taken: string[] = []
  for (let index = 0; index < 3000; index++)
    taken.push(nextSubnets('10.213.0.0/16', 28, taken, ['x'])['x'] ?? '')
  t.equal(new Set(taken).size, 3000)
  t.throws(() => nextSubnets('10.213.0.0/24', 28, taken, ['x']), { code: 'subnet.exhausted' })
  t.throws(() => nextSubnets('10.9.0.0/28', 28, [], ['x', 'y']), { code: 'subnet.exhausted' })
  t.throws(() => nextSubnets('10.9.0.0/30', 28, [], ['x']), { code: 'subnet.exhausted' })
  t.throws(() => nextSubnets('nonsense', 28, [], ['x']), { code: 'subnet.exhausted' })
})

t.test('addresses of a network', async (t) => {
  const small = addressesOf('10.213.0.16/28')
  t.equal(small.gateway, '10.213.0.17')
  t.equal(small.dynamic, '10.213.0.24/29')
  t.equal(small.fixed(0), '10.213.0.18')
  t.equal(small.fixed(5), '10.213.0.23')
  t.throws(() => small.fixed(6), { code: 'render.failed' })
  t.equal(addressesOf('10.213.4.0/26').dynamic, '10.213.4.32/27')
})

t.test('size of a network', async (t) => {
  t.equal(prefixFor(1, 1), 28)
  t.equal(prefixFor(6, 7), 28)
  t.equal(prefixFor(7, 7), 27)
  t.equal(prefixFor(1, 8), 27)
  t.equal(prefixFor(1, 16), 26)
})
