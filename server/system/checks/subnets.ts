import { LABEL, type EngineNetwork } from '../../docker/container.ts'
import type { Check } from '../doctor.ts'
import type { HostFiles } from '../host.ts'
import { overlap, parseRange, parseRoutes, sizeOf } from '../ranges.ts'

/** One network of a minion. */
const BLOCK = 16
const FEW = 8

export interface SubnetsDeps {
  files: Pick<HostFiles, 'read'>
  networks: () => Promise<EngineNetwork[]>
  pool: () => Promise<string>
}

export const subnetsCheck = ({ files, networks, pool }: SubnetsDeps): Check => ({
  id: 'subnets',
  title: 'Subnet pool',
  run: async () => {
    const text = await pool()
    const range = parseRange(text)
    if (!range)
      return {
        state: 'fail',
        detail: `\`${text}\` is no range of addresses.`,
        hint: 'Correct `subnets` in config.yml, e.g. 10.213.0.0/16.',
      }
    const all = await networks()
    const inside = all.filter(({ subnets }) => subnets.some((subnet) => overlap(range, parseRange(subnet))))
    const foreign = inside.filter(({ labels }) => labels[LABEL.box] === undefined)
    // The engine names a bridge after its network: those routes are known already.
    const bridges = new Set(all.map(({ id }) => `br-${id.slice(0, 12)}`))
    const routes = parseRoutes(await files.read('/proc/net/route')).filter(
      (route) => !bridges.has(route.device) && overlap(range, route.range),
    )
    const others = [
      ...foreign.map(({ name }) => `the network ${name}`),
      ...routes.map(({ device }) => `the interface ${device}`),
    ]
    const hint = 'Set `subnets` in config.yml to a private range that nothing else uses, e.g. 10.214.0.0/16.'
    if (others.length > 0)
      return {
        state: routes.length > 0 ? 'fail' : 'warn',
        detail: `${text} is also used by ${others.join(', ')}.`,
        hint,
      }
    const room = Math.floor(sizeOf(range) / BLOCK)
    const free = room - inside.length
    const detail = `${inside.length} of about ${room} networks of ${text} are used.`
    if (free <= 0) return { state: 'fail', detail, hint: 'Give `subnets` in config.yml a larger range.' }
    if (free < FEW)
      return { state: 'warn', detail, hint: 'Give `subnets` in config.yml a larger range soon.' }
    return { state: 'ok', detail }
  },
})
