/** One dump file back into one database: everything that can be known beforehand is known before anything is dropped. */
import { SummonerError } from '../errors.ts'
import { checkDumpFile, contentOf, readLabel } from './dump-file.ts'
import type { DumpContext, DumpRecord } from './dump.ts'
import type { Target } from './dumpers/dumper.ts'
import { dumperOf } from './dumpers/dumpers.ts'
import { withSession, type SessionDeps } from './session.ts'

/** Reads the whole file; `dump.damaged` where a byte of it is not what was written. */
export async function checkDump(path: string, context: DumpContext): Promise<DumpRecord> {
  const record = await readLabel(path)
  const edges = await checkDumpFile(path, record, {
    signal: context.signal,
    onProgress: (content) => context.progress(content, record.content, 'bytes', 'checking'),
  })
  const why = dumperOf(record.engine).incomplete(edges)
  if (why) throw new SummonerError('dump.damaged', `${record.file} is damaged: ${why}.`)
  return record
}

/** The database of a minion that a dump belongs to. */
export function targetFor(record: DumpRecord, targets: readonly Target[], from: string): Target {
  if (record.minion !== from)
    throw new SummonerError('dump.foreign', `${record.file} is a dump of ${record.minion}, not of ${from}.`)
  const target = targets.find(
    ({ service, database }) =>
      service === record.service && (record.portable || database === record.database),
  )
  const family = (engine: string) => (engine === 'mysql' ? 'mariadb' : engine)
  if (!target || family(target.engine) !== family(record.engine))
    throw new SummonerError(
      'dump.foreign',
      `${record.file} holds the ${record.engine} database ${record.database} of ${record.service}; the minion has no such database.`,
    )
  return target
}

export function restoreDump(
  path: string,
  record: DumpRecord,
  target: Target,
  context: DumpContext,
  deps: SessionDeps,
): Promise<void> {
  const dumper = dumperOf(target.engine)
  return withSession(target, context, deps, async (session) => {
    const version = await dumper.version(session)
    if (number(record.version) > number(version))
      throw new SummonerError(
        'dump.newer',
        `${record.file} comes from ${record.version}; ${target.service} runs ${version}.`,
      )
    let done = 0
    const content = async function* () {
      for await (const chunk of contentOf(path, record)) {
        context.signal.throwIfAborted()
        done += chunk.length
        context.progress(done, record.content, 'bytes', `${target.service} (${target.engine})`)
        yield chunk
      }
    }
    try {
      await dumper.restore(session, content(), { portable: record.portable, from: record.database })
    } catch (error) {
      if (context.signal.aborted) throw new SummonerError('job.cancelled', 'The restore was cancelled.')
      if (!(error instanceof SummonerError) || error.code !== 'exec.failed') throw error
      throw new SummonerError('dump.restore', `${record.file} could not be restored: ${error.message}`, {
        cause: error,
      })
    }
  })
}

/** The major version: newer than it, a server's dump is not for this server. */
const number = (version: string) => Number(/\d+/.exec(version)?.[0] ?? 0)
