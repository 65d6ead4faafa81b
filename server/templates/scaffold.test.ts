import t from 'tap'
import { cpSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { hashContext } from '../images/context.ts'
import { createCatalog } from './catalog.ts'
import { lintTemplate } from './lint.ts'
import { scaffold, type ScaffoldWish } from './scaffold.ts'

t.test('a new template is valid and has no finding, whatever was wished', async (t) => {
  const minionsDir = t.testdir()
  cpSync(join(import.meta.dirname, '../../minions/.distro'), join(minionsDir, '.distro'), { recursive: true })
  const wishes: ScaffoldWish[] = [
    { name: 'notices' },
    { name: 'wiki-two', image: 'ghcr.io/example/wiki:v2.5.314', port: 3000, database: 'postgres' },
    { name: 'shop', image: 'example/shop:2025-05-14b', database: 'mariadb' },
  ]
  for (const wish of wishes) {
    mkdirSync(join(minionsDir, wish.name))
    for (const [path, text] of Object.entries(scaffold(wish)))
      writeFileSync(join(minionsDir, wish.name, path), text)
  }
  const catalog = createCatalog({ minionsDir, hashContext })
  t.same(catalog.broken(), [])
  for (const template of catalog.list()) t.same(lintTemplate(template), [], template.name)
  t.equal(catalog.get('wiki-two').description.images['wiki-two']?.pattern, '^v2\\.\\d+\\.\\d+$')
})

t.test('an image without an exact version is refused', async (t) => {
  for (const image of ['nginx', 'nginx:latest', 'nginx:1', 'ngi nx:1.2', ''])
    t.throws(() => scaffold({ name: 'a', image }), { code: 'input.invalid' }, image)
})
