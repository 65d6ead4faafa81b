/** What dumps of databases on shared servers have in common. */
import { administratorArgv, administratorEnv, tenantEngine } from '../../databases/engines.ts'
import { SummonerError } from '../../errors.ts'
import { SHARED_ENGINES } from '../../templates/shared-database.ts'
import { shellWord, type Session, type Target } from './dumper.ts'

/** The minion's database, empty, and its account. */
export async function renewTenant({ target, ask }: Session): Promise<void> {
  const { engine, database, account, container } = target
  const shared = SHARED_ENGINES.find((name) => name === engine)
  if (!shared) throw new SummonerError('internal', `${engine} has no shared servers.`)
  const tenants = tenantEngine(shared)
  const sql = tenants.renew({ database, ...account })
  await ask(administratorArgv(tenants), administratorEnv(tenants, container.env, sql))
}

/** Into the database as it is: nobody but the daemon empties it. `.env` gives the password. */
export function tenantByHand(target: Target, file: string, variable: string, client: string): string {
  const { container, envFile, passwordEnv = '' } = target
  const password = `"$(sed -n "s/^${passwordEnv}='\\(.*\\)'$/\\1/p" ${shellWord(envFile)})"`
  return `zstd -dc ${shellWord(file)} | ${variable}=${password} docker exec -i -e ${variable} ${shellWord(container.name)} sh -c ${shellWord(`exec ${client}`)}`
}
