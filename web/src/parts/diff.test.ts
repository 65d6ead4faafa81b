import t from 'tap'
import { diffLines } from './diff.ts'

const told = (before: string, after: string, context?: number) =>
  diffLines(before, after, context).map(
    ({ kind, text }) => `${{ same: ' ', added: '+', removed: '-', gap: '…' }[kind]}${text}`,
  )

t.test('only what changed, with what stands around it', (t) => {
  const before = 'a\nb\nc\nd\ne\nf\ng\nh\n'
  t.same(told(before, before.replace('d', 'D\nD2'), 1), ['…', ' c', '-d', '+D', '+D2', ' e', '…'])
  t.same(told('a\n', 'a\nb\n'), [' a', '+b'])
  t.same(told('a\nb\n', 'b\n'), ['-a', ' b'])
  t.same(told('same\n', 'same\n'), [])
  t.end()
})

t.test('put together again it is both texts, whatever they are', (t) => {
  let seed = 7
  const random = (below: number) => (seed = (seed * 48_271) % 2_147_483_647) % below
  for (let round = 0; round < 200; round++) {
    const text = () => Array.from({ length: 1 + random(12) }, () => 'abc'[random(3)]).join('\n')
    const [before, after] = [text(), text()]
    const lines = diffLines(before, after, 1_000)
    if (before === after) {
      t.same(lines, [])
      continue
    }
    const without = (kind: string) =>
      lines
        .filter((line) => line.kind !== kind)
        .map((line) => line.text)
        .join('\n')
    if (without('added') !== before || without('removed') !== after) t.fail(`${before} / ${after}`)
  }
  t.end()
})
