import t from 'tap'
import { overlap, parseRange, parseRoutes, sizeOf } from './ranges.ts'
import { atLeast } from './version.ts'

t.test('ranges', async (t) => {
  const pool = parseRange('10.213.0.0/16')
  t.same(pool, { first: 0x0ad50000, last: 0x0ad5ffff })
  t.equal(pool && sizeOf(pool), 65_536)
  t.same(parseRange('255.255.255.255/32'), { first: 0xffff_ffff, last: 0xffff_ffff })
  t.same(parseRange('10.213.4.9/30'), parseRange('10.213.4.8/30'), 'host bits do not matter')
  for (const wrong of ['', '10.0.0.0', '10.0.0.256/8', '10.0.0.0/33', 'fd00::/8', '10.0.0.0/8 x'])
    t.equal(parseRange(wrong), undefined, wrong)
  t.equal(overlap(pool, parseRange('10.213.255.0/24')), true)
  t.equal(overlap(pool, parseRange('10.0.0.0/8')), true)
  t.equal(overlap(pool, parseRange('10.214.0.0/16')), false)
  t.equal(overlap(pool, undefined), false)
})

t.test('routes; the default route is none', async (t) => {
  const table = `Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT
eth0\t00000000\t0101A8C0\t0003\t0\t0\t0\t00000000\t0\t0\t0
tun0\t0000D50A\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0
`
  t.same(parseRoutes(table), [{ device: 'tun0', range: parseRange('10.213.0.0/16') }])
})

t.test('versions', async (t) => {
  for (const [actual, wanted, result] of [
    ['1.41', '1.41', true],
    ['1.40', '1.41', false],
    ['1.5', '1.41', false],
    ['2.26.1-ds1', '2.20', true],
    ['v2.20.0', '2.20', true],
    ['2.9.9', '2.20', false],
    ['5', '2.20', true],
    ['', '2.20', false],
  ] as const)
    t.equal(atLeast(actual, wanted), result, `${actual} >= ${wanted}`)
})
