import t from 'tap'
import { asHost, checkHost } from './hosts.ts'

const good: [string, string][] = [
  ['ghost.localhost', 'ghost.localhost'],
  ['LOCALHOST', 'localhost'],
  ['a-b.Kit.test', 'a-b.kit.test'],
  ['xn--caf-dma.test', 'xn--caf-dma.test'],
  ['4chan.test', '4chan.test'],
  [`${'a'.repeat(63)}.test`, `${'a'.repeat(63)}.test`],
  [`${'a.'.repeat(126)}a`, `${'a.'.repeat(126)}a`],
]
for (const [value, host] of good) t.equal(asHost(value), host, value.slice(0, 40))

const bad = [
  '',
  '.',
  'a.',
  '.a',
  'a..b',
  '-a.test',
  'a-.test',
  'a_b.test',
  'a b.test',
  'a.test;',
  'a.test\n',
  'a.test\0',
  'a.test{}',
  '"a.test"',
  "a.test'",
  'a#.test',
  '$host',
  '`id`.test',
  '~^a$',
  '*.test',
  '../etc',
  'a/b',
  'a:80',
  'é.test',
  'ａ.test',
  '127.0.0.1',
  '1.2.3',
  `${'a'.repeat(64)}.test`,
  `${'a.'.repeat(127)}a`,
]
for (const value of bad) {
  t.equal(asHost(value), undefined, JSON.stringify(value.slice(0, 40)))
  t.throws(() => checkHost(value), { code: 'host.invalid' })
}
