/**
 * The installer's way back: `recover.ts ADDRESS` fetches the newest set of a box and of its minions from a destination,
 * before any daemon runs. The password comes by SUMMONER_RESTORE_PASSWORD, what opens the destination by the variables
 * that restic reads (AWS_ACCESS_KEY_ID, RESTIC_REST_PASSWORD, …), a key of SSH as a file named in SUMMONER_RESTORE_KEY,
 * the id of the box, where several lie there, by SUMMONER_RESTORE_BOX.
 */
import { randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { isAbsolute, join, resolve } from 'node:path'
import { Value } from 'typebox/value'
import { openDestination } from '../../server/backups/destinations/open.ts'
import { fetchBox } from '../../server/backups/recovery/fetch-box.ts'
import { settleDatabase } from '../../server/backups/recovery/settle-database.ts'
import { createRepository } from '../../server/backups/repository.ts'
import { DestinationSchema } from '../../server/backups/settings.ts'
import { directories, readEnvironment } from '../../server/config/environment.ts'
import { readMigrations } from '../../server/db/migrate.ts'
import { createExec, endLeftovers } from '../../server/docker/exec.ts'
import { SummonerError } from '../../server/errors.ts'
import { createRedactor } from '../../server/secrets/redact.ts'

const CREDENTIALS = /^(AWS|B2|AZURE|GOOGLE|OS|ST|RCLONE|RESTIC_REST)_[A-Z0-9_]{1,64}$/

async function recover(given: string, env: NodeJS.ProcessEnv): Promise<void> {
  const environment = readEnvironment(env)
  const dirs = directories(environment.dataDir)
  const password = (env['SUMMONER_RESTORE_PASSWORD'] ?? '').trim()
  if (password === '') throw new Error('no password was given')
  const to = given.startsWith('.') ? resolve(given) : given
  const keyFile = env['SUMMONER_RESTORE_KEY']
  const destination = {
    name: 'recovery',
    to,
    env: Object.fromEntries(
      Object.entries(env).filter((entry): entry is [string, string] => CREDENTIALS.test(entry[0])),
    ),
    ...(keyFile ? { key: { secret: 'key' } } : {}),
  }
  if (!Value.Check(DestinationSchema, destination))
    throw new Error(
      `"${given}" is no address of a destination, like /mnt/disk/kit, sftp:user@host:/folder or s3:https://…`,
    )

  const redactor = createRedactor()
  for (const word of [password, ...Object.values(destination.env)]) redactor.add(word)
  const childrenDir = join(dirs.run, 'children')
  await endLeftovers(childrenDir)
  const exec = createExec({
    runDir: childrenDir,
    network: environment.network,
    engineSocket: environment.engineSocket,
    redact: redactor.redact,
  })
  const passwordFile = join(dirs.run, 'recovery-password')
  mkdirSync(dirs.run, { recursive: true, mode: 0o700 })
  writeFileSync(passwordFile, `${password}\n`, { mode: 0o600 })
  // ssh keeps what it learns of the server there
  mkdirSync(dirs.state, { recursive: true, mode: 0o700 })
  const there = openDestination(destination, {
    exec,
    dirs,
    passwordFile,
    secret: () => readFileSync(keyFile ?? '', 'utf8'),
  })
  try {
    const { sets, failed } = await fetchBox({
      there: there.repository,
      here: createRepository({
        exec,
        location: join(dirs.backups, 'repository'),
        passwordFile: join(dirs.state, 'repository-password'),
        cacheDir: join(dirs.backups, 'cache'),
      }),
      password,
      ...(env['SUMMONER_RESTORE_BOX'] ? { box: env['SUMMONER_RESTORE_BOX'] } : {}),
      newLife: randomBytes(8).toString('hex'),
      dirs,
      configFile: environment.configFile,
      minionsDir: environment.minionsDir,
      freeBytes: async (path) => {
        const { bavail, bsize } = statfsSync(path)
        return bavail * bsize
      },
      exec,
      schema: readMigrations(join(import.meta.dirname, '../../server/db/migrations')).length,
      settleDatabase: (file) => settleDatabase(file, new Date().toISOString()),
      say: (line) => process.stdout.write(`${line}\n`),
    })
    process.stdout.write(`The box and ${Object.keys(sets).length} minions were fetched.\n`)
    if (Object.keys(failed).length > 0) process.exitCode = 1
  } finally {
    there.close()
    rmSync(passwordFile, { force: true })
  }
}

const [address = ''] = process.argv.slice(2)
try {
  if (!isAbsolute(address) && !/^[a-z0-9.]/.test(address))
    throw new Error('name the address of a destination')
  await recover(address, process.env)
} catch (error) {
  const said =
    error instanceof SummonerError
      ? `${error.message} ${error.hint}`
      : error instanceof Error
        ? error.message
        : String(error)
  process.stderr.write(`${said}\n`)
  process.exitCode = 1
}
