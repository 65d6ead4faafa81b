import type { Check } from '../doctor.ts'
import type { HostFiles } from '../host.ts'
import { holdersOf } from '../sockets.ts'

export interface PortsDeps {
  files: Pick<HostFiles, 'read' | 'list' | 'link'>
  ports: readonly number[]
  /** Our own nginx answers. */
  serving: () => Promise<boolean>
}

export const portsCheck = ({ files, ports, serving }: PortsDeps): Check => ({
  id: 'ports',
  title: 'Public ports',
  run: async () => {
    const holders = await Promise.all(ports.map((port) => holdersOf(port, files)))
    const foreign = holders.map((list) => list.filter(({ process }) => process !== 'nginx'))
    const taken = ports.flatMap((port, index) =>
      (foreign[index] ?? []).map(
        ({ process, pid }) => `${port} is held by ${process}${pid ? ` (process ${pid})` : ''}`,
      ),
    )
    if (taken.length > 0)
      return {
        state: 'fail',
        detail: `Port ${taken.join('; port ')}.`,
        hint: 'Stop that program for good (e.g. `systemctl disable --now apache2`), then `summoner apply`.',
      }
    const free = ports.filter((_, index) => holders[index]?.length === 0)
    if (free.length === ports.length) return { state: 'ok', detail: `${free.join(' and ')} are free.` }
    if (!(await serving()))
      return {
        state: 'fail',
        detail: `An nginx that is not ours holds ${ports.filter((port) => !free.includes(port)).join(' and ')}.`,
        hint: 'Stop it: `systemctl disable --now nginx`. Foreign sites can move into a container with VIRTUAL_HOST.',
      }
    if (free.length > 0)
      return {
        state: 'warn',
        detail: `nginx does not listen on ${free.join(' and ')}.`,
        hint: 'Restart the proxy: `summoner restart nginx`.',
      }
    return { state: 'ok', detail: `nginx holds ${ports.join(' and ')}.` }
  },
})
