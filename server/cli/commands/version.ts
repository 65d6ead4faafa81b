import type { Command } from '../command.ts'
import { Refusal } from '../refusal.ts'
import { clean } from '../text.ts'

export const version: Command = {
  name: 'version',
  summary: 'show the versions of command and daemon',
  run: async ({ api, out, version: own }) => {
    const daemon = await daemonVersion(api)
    out.document({ version: own, daemon: daemon ?? null })
    out.line(`summoner ${own}`)
    if (daemon === undefined) out.line('The daemon does not answer.')
    else if (daemon !== own)
      out.line(`The daemon still runs ${clean(daemon)}: restart it with \`systemctl restart summoner\`.`)
  },
}

async function daemonVersion(api: {
  call<T>(method: string, path: string): Promise<T>
}): Promise<string | undefined> {
  try {
    return (await api.call<{ version: string }>('GET', '/health')).version
  } catch (error) {
    if (error instanceof Refusal) return undefined
    throw error
  }
}
