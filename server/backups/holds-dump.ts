/** Proof of a copy: a database that was filled from a dump gives the same dump again. */
import { createHash } from 'node:crypto'
import { contentOf, readLabel } from './dump-file.ts'
import type { DumpContext } from './dump.ts'
import type { Target } from './dumpers/dumper.ts'
import { dumperOf } from './dumpers/dumpers.ts'
import { linesChanged, sameInEveryDump } from './dumpers/line-edits.ts'
import { withSession, type SessionDeps } from './session.ts'

export async function holdsDump(
  path: string,
  target: Target,
  context: DumpContext,
  deps: SessionDeps,
): Promise<boolean> {
  const record = await readLabel(path)
  const before = await hashOf(contentOf(path, record), context)
  const now = await withSession(target, context, deps, (session) =>
    hashOf(dumperOf(target.engine).dump(session, { portable: true }), context),
  )
  return before === now
}

/** Of the statements; comments differ from dump to dump. */
async function hashOf(content: AsyncIterable<Buffer>, { signal }: DumpContext): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of linesChanged(content, sameInEveryDump)) {
    signal.throwIfAborted()
    hash.update(chunk)
  }
  return hash.digest('hex')
}
