import t from 'tap'
import { LABEL, type EngineNetwork } from '../../docker/container.ts'
import { subnetsCheck } from './subnets.ts'

const HEAD = 'Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\n'
const ours = (index: number, subnet: string): EngineNetwork => ({
  id: `${index}`.padStart(64, 'a'),
  name: `n${index}`,
  labels: { [LABEL.box]: 'b' },
  subnets: [subnet],
  containers: 1,
})
const check = (pool: string, networks: EngineNetwork[], routes = '') =>
  subnetsCheck({
    files: { read: async () => HEAD + routes },
    networks: async () => networks,
    pool: async () => pool,
  }).run()

t.test('good: room left; the bridges of our own networks are no conflict', async (t) => {
  const network = ours(1, '10.213.0.0/28')
  const route = `br-${network.id.slice(0, 12)}\t0000D50A\t00000000\t0001\t0\t0\t0\tF0FFFFFF\n`
  t.match(await check('10.213.0.0/16', [network], route), {
    state: 'ok',
    detail: '1 of about 4096 networks of 10.213.0.0/16 are used.',
  })
})
t.test('bad: used by a VPN, by a foreign network, nearly full, full, no range', async (t) => {
  const vpn = 'tun0\t0000D50A\t00000000\t0001\t0\t0\t0\t0000FFFF\n'
  t.match(await check('10.213.0.0/16', [], vpn), {
    state: 'fail',
    detail: /interface tun0/u,
    hint: /subnets/u,
  })
  const foreign = { ...ours(1, '10.213.4.0/24'), name: 'lab', labels: {} }
  t.match(await check('10.213.0.0/16', [foreign]), { state: 'warn', detail: /network lab/u })
  const many = (count: number) => Array.from({ length: count }, (_, i) => ours(i, `10.213.0.${i * 16}/28`))
  t.match(await check('10.213.0.0/24', many(9)), { state: 'warn', hint: /larger/u })
  t.match(await check('10.213.0.0/24', many(16)), { state: 'fail', hint: /larger/u })
  t.match(await check('10.213/16', []), { state: 'fail', detail: /no range/u })
})
