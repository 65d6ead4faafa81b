/** A program of the operator: `argv… add|remove NAME VALUE`, for every provider that has no room here. */
import type { Exec } from '../../docker/container.ts'
import type { DnsProvider } from './dns-provider.ts'

const TIMEOUT_MS = 300_000

export function createExecProvider(
  { argv, secret }: { argv: readonly string[]; secret?: string },
  exec: Exec,
): DnsProvider {
  const run = async (action: 'add' | 'remove', name: string, value: string): Promise<void> => {
    await exec([...argv, action, name, value], {
      timeoutMs: TIMEOUT_MS,
      ...(secret === undefined ? {} : { env: { DNS_SECRET: secret } }),
    })
  }
  return {
    add: ({ name, value }) => run('add', name, value),
    remove: ({ name, value }) => run('remove', name, value),
  }
}
