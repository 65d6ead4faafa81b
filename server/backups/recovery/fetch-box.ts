/**
 * On a bare server, before any daemon runs: the newest set of the box and the newest set of each of its minions come
 * from a destination into a new repository here, and the box's own files into their places. Everything is looked at
 * before anything is written; cut short, the same call goes on.
 */
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Directories } from '../../config/environment.ts'
import { writeFileAtomic } from '../../config/write-file.ts'
import type { Exec } from '../../docker/container.ts'
import { SummonerError } from '../../errors.ts'
import { beginLife } from '../lives.ts'
import type { Repository } from '../repository.ts'
import type { Snapshot } from '../restic-words.ts'
import { BOX, readBoxManifest, type BoxManifest } from './box-manifest.ts'
import { readRecovery, writeRecovery, type Recovery } from './recovery-file.ts'

export interface FetchDeps {
  /** Opened with the password that was given. */
  there: Repository
  /** Of this server; its password file is written here. */
  here: Repository
  password: string
  /** Id of the box, where several lie there. */
  box?: string
  /** A name for the life that begins here. */
  newLife: string
  dirs: Pick<Directories, 'state' | 'backups' | 'certificates' | 'run' | 'records'>
  configFile: string
  minionsDir: string
  freeBytes(path: string): Promise<number>
  exec: Exec
  /** Newest version of the database that this Summoner knows. */
  schema: number
  /** Makes a copy of the database one that a new server can begin with. */
  settleDatabase(file: string): void
  say(line: string): void
}

const RESERVE = 1024 ** 3

interface Found {
  set: string
  data: Snapshot
  manifest: Snapshot
}

export async function fetchBox(deps: FetchDeps): Promise<Recovery> {
  const { there, here, dirs, say } = deps
  refuseUsed(deps)
  await there.open()
  const newest = newestSets(await ofOneBox(await there.snapshots(), deps))
  const box = newest.get(BOX)
  if (!box)
    throw new SummonerError('repository.foreign', `${there.location} holds no set of a box of Summoner.`)
  const manifest = readBoxManifest(await there.read(box.manifest.id, `${box.set}.json`), box.set)
  if (manifest.schema > deps.schema)
    throw new SummonerError(
      'set.newer',
      `${box.set} was made by Summoner ${manifest.summoner}, which is newer.`,
      {
        hint: 'Check out that version or a newer one, then repeat. Nothing was changed.',
      },
    )
  const chosen = manifest.minions.flatMap((minion) => {
    // the proxy keeps nothing but logs
    const found = minion === 'nginx' ? undefined : newest.get(minion)
    return found ? [[minion, found] as const] : []
  })
  say(`The newest set of the box is ${box.set}, of ${manifest.domain}, with ${chosen.length} minions.`)
  await refuseFull([box, ...chosen.map(([, found]) => found)], deps)

  const recovery: Recovery = {
    from: there.location,
    set: box.set,
    at: manifest.at,
    sets: Object.fromEntries(chosen.map(([minion, { set }]) => [minion, set])),
    state: 'fetching',
    failed: {},
  }
  for (const dir of [dirs.state, dirs.backups]) mkdirSync(dir, { recursive: true, mode: 0o700 })
  writeRecovery(dirs.state, recovery)
  writeFileAtomic(join(dirs.state, 'repository-password'), `${deps.password}\n`, { mode: 0o600 })
  if ((await here.identity()) === undefined) await there.lend((from) => here.make(from))
  await here.ensure()
  for (const [name, { set, data, manifest: document }] of [[BOX, box] as const, ...chosen]) {
    say(`Fetching ${name === BOX ? 'the box' : name}: ${set}`)
    await there.lend((from) => here.take([data.id, document.id], from))
  }
  await here.check(false)
  await putBack(box.set, manifest, deps)
  const fetched: Recovery = { ...recovery, state: 'fetched' }
  writeRecovery(dirs.state, fetched)
  return fetched
}

/** A box that lives is never overwritten; a recovery that was cut short is gone on with. */
function refuseUsed({ dirs, there }: FetchDeps): void {
  const begun = readRecovery(dirs.state)
  if (begun?.state === 'fetching' && begun.from === there.location) return
  const used =
    (existsSync(dirs.records) && readdirSync(dirs.records).length > 0) ||
    existsSync(join(dirs.backups, 'repository/config')) ||
    existsSync(join(dirs.state, 'summoner.db'))
  if (begun !== undefined || used)
    throw new SummonerError(
      'restore.occupied',
      `This server is a box already (${dirs.state}): nothing was changed.`,
      { hint: 'A recovery begins on a server where Summoner never ran. Here, use `summoner restore`.' },
    )
}

/** What carries no mark was written before there were marks, when a box was alone. */
async function ofOneBox(
  snapshots: readonly Snapshot[],
  { there, box }: Pick<FetchDeps, 'there' | 'box'>,
): Promise<Snapshot[]> {
  const documents = snapshots.filter(({ tags }) => tags['minion'] === BOX && tags['part'] === 'manifest')
  const boxes = new Map(
    documents
      .toSorted((a, b) => a.at.localeCompare(b.at))
      .flatMap((document) => (document.tags['box'] ? [[document.tags['box'], document]] : [])),
  )
  const [only] = boxes.size === 1 ? boxes.keys() : []
  const chosen = box ?? only
  if (chosen === undefined && boxes.size > 1) {
    const lines = [...boxes].map(
      async ([
        id,
        {
          id: snapshot,
          tags: { set = '' },
        },
      ]) => {
        const { domain } = readBoxManifest(await there.read(snapshot, `${set}.json`), set)
        return `${id} (${domain}, ${set})`
      },
    )
    throw new SummonerError(
      'repository.ambiguous',
      `${there.location} holds ${boxes.size} boxes: ${(await Promise.all(lines)).join(', ')}.`,
    )
  }
  return snapshots.filter(({ tags }) => tags['box'] === undefined || tags['box'] === chosen)
}

/** Newest whole set of each minion; a set is whole with both of its snapshots. */
function newestSets(snapshots: readonly Snapshot[]): Map<string, Found> {
  const newest = new Map<string, Found>()
  for (const data of snapshots.toSorted((a, b) => a.at.localeCompare(b.at))) {
    const { part, set, minion } = data.tags
    if (part !== 'data' || !set || !minion) continue
    const manifest = snapshots.find(({ tags }) => tags['set'] === set && tags['part'] === 'manifest')
    if (manifest) newest.set(minion, { set, data, manifest })
  }
  return newest
}

/** As much as all of it is large, once for the repository and once for the data. */
async function refuseFull(sets: readonly Found[], deps: FetchDeps): Promise<void> {
  let bytes = 0
  for (const { set, manifest } of sets) {
    const text = await deps.there.read(manifest.id, `${set}.json`)
    const { count } = JSON.parse(text) as { count?: { bytes?: number } }
    bytes += count?.bytes ?? 0
  }
  let place = deps.dirs.backups
  while (!existsSync(place)) place = dirname(place)
  const [needed, free] = [2 * bytes + RESERVE, await deps.freeBytes(place)]
  const gib = (count: number) => (count / 1024 ** 3).toFixed(1)
  if (free < needed)
    throw new SummonerError(
      'disk.full',
      `The box and its backups need ${gib(needed)} GiB, but only ${gib(free)} GiB are free at ${place}.`,
    )
}

/** Restored beside, then renamed or copied into place; the database last of all. */
async function putBack(set: string, { paths }: BoxManifest, deps: FetchDeps): Promise<void> {
  const { here, dirs, configFile, minionsDir } = deps
  const staging = join(dirs.run, 'recovery')
  rmSync(staging, { recursive: true, force: true })
  mkdirSync(staging, { recursive: true, mode: 0o700 })
  const [data] = await here.snapshots({ set, part: 'data' })
  if (!data) throw new SummonerError('repository.damaged', `${set} did not arrive.`)
  await here.restore({ snapshot: data.id, target: staging, verify: true })
  const staged = (path: string) => join(staging, path)
  deps.settleDatabase(staged(paths.database))

  const aside = `${configFile}.before-recovery`
  if (existsSync(configFile) && !existsSync(aside)) renameSync(configFile, aside)
  mkdirSync(dirname(configFile), { recursive: true })
  // owners, modes and links stay as they were
  const copy = (from: string, to: string) =>
    deps.exec(['cp', '-aT', '--', from, to], { timeoutMs: 3_600_000 })
  await copy(staged(paths.config), configFile)
  await copy(staged(paths.state), dirs.state)
  beginLife(join(dirs.state, 'lives'), deps.newLife)
  if (existsSync(staged(paths.certificates))) await copy(staged(paths.certificates), dirs.certificates)
  // those that came with this Summoner are newer or the same
  if (existsSync(staged(paths.templates)))
    for (const name of readdirSync(staged(paths.templates)))
      if (!existsSync(join(minionsDir, name)))
        await copy(join(staged(paths.templates), name), join(minionsDir, name))
  await copy(staged(paths.database), join(dirs.state, 'summoner.db'))
  await deps.exec(['sync'])
  rmSync(staging, { recursive: true, force: true })
}
