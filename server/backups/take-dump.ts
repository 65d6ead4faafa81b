/** One dump of one database: streamed into `.tmp`, judged, then named. */
import { statfs } from 'node:fs/promises'
import { dirname } from 'node:path'
import { SummonerError } from '../errors.ts'
import { writeDumpFile } from './dump-file.ts'
import type { DumpContext, DumpRecord, TakenDump } from './dump.ts'
import type { DumpChoices, Target } from './dumpers/dumper.ts'
import { dumperOf } from './dumpers/dumpers.ts'
import { withSession, type SessionDeps } from './session.ts'

export interface TakeDeps extends SessionDeps {
  now(): Date
}

export interface TakeInput extends DumpChoices {
  target: Target
  file: string
  /** The newest dump of the same database: what this one will be like. */
  before: DumpRecord | undefined
}

export function takeDump(
  { target, file, before, portable }: TakeInput,
  context: DumpContext,
  deps: TakeDeps,
): Promise<TakenDump> {
  const { minion, service, engine, database, container } = target
  const dumper = dumperOf(engine)
  const began = deps.now()
  return withSession(target, context, deps, async (session) => {
    await refuseFullDisk(file, before)
    const version = await dumper.version(session)
    try {
      return await writeDumpFile(file, dumper.dump(session, { portable }), {
        signal: context.signal,
        onProgress: (content) =>
          context.progress(
            content,
            Math.max(content, before?.content ?? 0),
            'bytes',
            `${service} (${engine})`,
          ),
        label({ content, ...edges }) {
          const why = dumper.incomplete(edges)
          if (why) throw new SummonerError('dump.failed', `The dump of ${service} is not whole: ${why}.`)
          return {
            minion,
            service,
            engine,
            database,
            version,
            portable,
            content,
            at: began.toISOString(),
            seconds: (deps.now().getTime() - began.getTime()) / 1000,
            image: container.image,
            imageId: container.imageId,
            job: context.jobId,
          }
        },
      })
    } catch (error) {
      throw inWords(error, target, context)
    }
  })
}

async function refuseFullDisk(file: string, before: DumpRecord | undefined): Promise<void> {
  if (!before) return
  const folder = dirname(file)
  const { bavail, bsize } = await statfs(folder)
  if (bavail * bsize < before.bytes)
    throw new SummonerError(
      'disk.full',
      `${folder} has ${Math.floor((bavail * bsize) / 1e6)} MB left; the last dump took ${Math.ceil(before.bytes / 1e6)} MB.`,
    )
}

function inWords(error: unknown, { minion, service }: Target, { signal }: DumpContext): unknown {
  if (signal.aborted) return new SummonerError('job.cancelled', 'The dump was cancelled.')
  const { code } = error as NodeJS.ErrnoException
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return new SummonerError('disk.full', `The disk is full; the dump of ${minion} was not kept.`, {
      cause: error,
    })
  const refused = error instanceof SummonerError ? error.code === 'exec.failed' : code?.startsWith('SQLITE_')
  if (refused)
    return new SummonerError(
      'dump.failed',
      `${service} of ${minion} could not be dumped: ${(error as Error).message}`,
      { cause: error },
    )
  return error
}
