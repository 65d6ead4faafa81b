/**
 * The tree on disk, `data/proxy`: `hosts/` and `pages/` hold files named after their content, `generations/<n>/nginx.conf`
 * includes the ones it wants, and the link `current` names the generation that nginx loads. Nothing that nginx may read
 * ever changes in place, so a crash at any instant leaves the old tree or the new one.
 */
import { chmodSync, existsSync, mkdirSync, readFileSync, readdirSync, readlinkSync, rmSync } from 'node:fs'
import { chmod, mkdir, open, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { LAYOUT } from './layout.ts'
import type { TreeFile } from './render-tree.ts'

const KEPT = 3
const WRITES_AT_ONCE = 16
const DRAFT = '.draft'

export interface Generations {
  /** Name of the generation that nginx loads at its next start; undefined before the first. */
  current(): string | undefined
  /** The hash that the current generation was written for. */
  currentHash(): string | undefined
  /** Text of nginx.conf of the current generation. */
  currentMain(): string | undefined
  /** Writes what is missing; returns once it is on disk. */
  writeFiles(files: readonly TreeFile[]): Promise<void>
  /** Writes a generation that is not current yet; its name is `<number>-<hash>`. */
  create(hash: string, main: (generation: string) => string): Promise<string>
  /** A throw-away nginx.conf for `nginx -t`; returns its path as nginx sees it. */
  writeCandidate(main: string): Promise<string>
  swap(generation: string): Promise<void>
  remove(generation: string): Promise<void>
  /** Drops all but the newest generations, and the files that none of them includes. */
  prune(): Promise<void>
}

export function openGenerations(dir: string): Generations {
  // nginx's workers read the pages: the folders below `data/proxy` are open whatever the umask; `data` itself need not be
  for (const name of ['.', 'generations', 'hosts', 'users', 'pages', 'static', 'acme']) {
    mkdirSync(join(dir, name), { recursive: true })
    chmodSync(join(dir, name), 0o755)
  }
  clearDrafts(dir)
  const written = new Set<string>()

  const current = (): string | undefined => {
    try {
      const name = basename(readlinkSync(join(dir, 'current')))
      return existsSync(join(dir, 'generations', name, 'nginx.conf')) ? name : undefined
    } catch {
      return undefined
    }
  }
  const names = (): string[] =>
    readdirSync(join(dir, 'generations'))
      .filter((name) => /^[0-9]+-[0-9a-f]+$/.test(name))
      .sort((a, b) => numberOf(a) - numberOf(b))
  const mainOf = (generation: string): string =>
    readFileSync(join(dir, 'generations', generation, 'nginx.conf'), 'utf8')

  const writeOne = async ({ path, text }: TreeFile): Promise<void> => {
    if (written.has(path)) return
    const file = join(dir, path)
    if (!sameText(file, text)) {
      await mkdir(dirname(file), { recursive: true })
      await chmod(dirname(file), 0o755)
      await writeDurably(`${file}${DRAFT}`, text)
      await rename(`${file}${DRAFT}`, file)
    }
    written.add(path)
  }

  /** Password files and pages that neither a host file nor a generation names any more. */
  const pruneNamed = async (mains: string): Promise<void> => {
    const users = readdirSync(join(dir, 'users')).map((name) => ({
      path: `users/${name}`,
      word: `/users/${name};`,
    }))
    const pages = readdirSync(join(dir, 'pages')).map((name) => ({
      path: `pages/${name}`,
      word: `/pages/${name}`,
    }))
    if (users.length === 0 && pages.length < 2) return
    const hosts = readdirSync(join(dir, 'hosts')).map((name) =>
      readFileSync(join(dir, 'hosts', name), 'utf8'),
    )
    const texts = [mains, ...hosts]
    for (const { path, word } of [...users, ...pages]) {
      if (texts.some((text) => text.includes(word))) continue
      for (const name of written) if (name === path || name.startsWith(`${path}/`)) written.delete(name)
      await rm(join(dir, path), { recursive: true, force: true })
    }
  }

  return {
    current,
    currentHash: () => current()?.split('-')[1],
    currentMain() {
      const name = current()
      return name === undefined ? undefined : mainOf(name)
    },
    async writeFiles(files) {
      for (let at = 0; at < files.length; at += WRITES_AT_ONCE)
        await Promise.all(files.slice(at, at + WRITES_AT_ONCE).map(writeOne))
      for (const folder of new Set(files.map(({ path }) => dirname(path))))
        await syncFolder(join(dir, folder))
    },
    async create(hash, main) {
      const generation = `${String(numberOf(names().at(-1) ?? '0') + 1).padStart(6, '0')}-${hash}`
      const folder = join(dir, 'generations', generation)
      await mkdir(`${folder}${DRAFT}`, { mode: 0o755 })
      await writeDurably(join(`${folder}${DRAFT}`, 'nginx.conf'), main(generation))
      await rename(`${folder}${DRAFT}`, folder)
      await syncFolder(join(dir, 'generations'))
      return generation
    },
    async writeCandidate(main) {
      await writeFile(join(dir, 'candidate.conf'), main, { mode: 0o644 })
      return `${LAYOUT.tree}/candidate.conf`
    },
    async swap(generation) {
      const link = join(dir, `current${DRAFT}`)
      await rm(link, { force: true })
      // relative: it must lead to the same place inside the container
      await symlink(join('generations', generation), link)
      await rename(link, join(dir, 'current'))
      await syncFolder(dir)
    },
    remove: (generation) => rm(join(dir, 'generations', generation), { recursive: true, force: true }),
    async prune() {
      const kept = new Set([...names().slice(-KEPT), current() ?? ''])
      for (const name of names())
        if (!kept.has(name)) await rm(join(dir, 'generations', name), { recursive: true, force: true })
      const wanted = names().map(mainOf).join('\n')
      const included = new Set([...wanted.matchAll(/include \S+?\/hosts\/(\S+);/g)].map((match) => match[1]))
      for (const name of readdirSync(join(dir, 'hosts'))) {
        if (included.has(name)) continue
        written.delete(`hosts/${name}`)
        await rm(join(dir, 'hosts', name), { force: true })
      }
      await pruneNamed(wanted)
    },
  }
}

const numberOf = (generation: string): number => Number(generation.split('-')[0])

function sameText(file: string, text: string): boolean {
  try {
    return readFileSync(file, 'utf8') === text
  } catch {
    return false
  }
}

async function writeDurably(file: string, text: string): Promise<void> {
  const handle = await open(file, 'w', 0o644)
  try {
    await handle.writeFile(text)
    await handle.chmod(0o644)
    await handle.sync()
  } finally {
    await handle.close()
  }
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** What a crash left half-written; nothing includes it. */
function clearDrafts(dir: string): void {
  for (const folder of [dir, join(dir, 'generations'), join(dir, 'hosts'), join(dir, 'users')])
    for (const name of readdirSync(folder))
      if (name.endsWith(DRAFT)) rmSync(join(folder, name), { recursive: true, force: true })
}
