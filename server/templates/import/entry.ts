/** Where an import starts: a compose file, a `docker run` line, or a folder with nothing but a Dockerfile. */
import { posix } from 'node:path'
import { didYouMean } from '../../config/suggest.ts'
import { readDockerRun } from './docker-run.ts'
import type { ImportInput } from './report.ts'
import { readSource, Unreadable, type Source } from './source.ts'

const NAMES = ['compose.yaml', 'compose.yml', 'docker-compose.yaml', 'docker-compose.yml', 'fig.yml']

export type Entry = { source: Source; base: string } | { choose: string[] }

export function readEntry({ files, entry, run, answers }: ImportInput): Entry {
  if (run !== undefined) return { source: readDockerRun(run), base: '' }
  const paths = Object.keys(files)
  const wanted = entry ?? answers['entry']
  if (wanted !== undefined) {
    const text = files[wanted]
    if (text === undefined) {
      throw new Unreadable(`There is no ${wanted}${didYouMean(wanted, paths)}`, {
        path: wanted,
        line: 1,
        column: 1,
      })
    }
    return { source: readSource(wanted, text), base: folderOf(wanted) }
  }
  const usual = NAMES.find((name) => files[name] !== undefined)
  const others = paths.filter((path) => /\.ya?ml$/.test(path) && !path.includes('/') && path !== 'minion.yml')
  const found = usual ?? (others.length === 1 ? others[0] : undefined)
  if (found !== undefined) return { source: readSource(found, files[found] ?? ''), base: folderOf(found) }
  if (files['Dockerfile'] !== undefined) {
    const value = { services: { app: { build: '.' } } }
    return {
      source: { path: 'Dockerfile', value, at: () => ({ path: 'Dockerfile', line: 1, column: 1 }) },
      base: '',
    }
  }
  const deeper = paths.filter((path) => NAMES.includes(posix.basename(path)))
  const choose = others.length > 0 ? others : deeper
  if (choose.length > 0) return { choose }
  throw new Unreadable('There is no compose file and no Dockerfile', {
    path: paths[0] ?? '.',
    line: 1,
    column: 1,
  })
}

function folderOf(path: string): string {
  const folder = posix.dirname(path)
  return folder === '.' ? '' : folder
}
