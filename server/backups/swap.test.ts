/** Every instant of a swap at which the daemon may die, forward and back. */
import t, { type Test } from 'tap'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { acceptSwap, endSwap, readSwap, swapBack, swapForward, writeSwap, type Swap } from './swap.ts'

const NAMES = ['volumes', 'database', 'extra', 'env']

/** `volumes` and `env` are there before and after; `database` only in the set; `extra` only before. */
function setUp(t: Test) {
  const dir = t.testdir()
  const state = join(dir, 'state')
  const put = (place: string, text: string) => {
    mkdirSync(join(dir, place), { recursive: true })
    writeFileSync(join(dir, place, 'data'), text)
  }
  for (const name of ['volumes', 'extra', 'env']) put(`${name}/m`, 'old')
  for (const name of ['volumes', 'database', 'env']) put(`${name}/.restore/deep/m`, 'new')
  const swap: Swap = {
    minion: 'm',
    set: 's',
    job: 'j',
    rest: { minion: 'm', project: 'm', services: [], quieted: false },
    exchanges: NAMES.map((name) => ({
      current: join(dir, name, 'm'),
      ...(name === 'extra' ? {} : { staging: join(dir, name, '.restore/deep/m') }),
      old: join(dir, name, '.m.old'),
      had: name !== 'database',
    })),
    scaffold: NAMES.map((name) => join(dir, name, '.restore')),
    state: 'swapping',
  }
  const seen = () =>
    NAMES.map((name) => {
      const file = join(dir, name, 'm/data')
      return existsSync(file) ? readFileSync(file, 'utf8') : '-'
    }).join(' ')
  return { dir, state, swap, seen }
}
const OLD = 'old - old old'
const NEW = 'new new - new'

t.test('there, and back', (t) => {
  const { state, swap, seen } = setUp(t)
  writeSwap(state, swap)
  t.equal(seen(), OLD)
  swapForward(state, swap)
  t.equal(seen(), NEW)
  t.equal(readSwap(state, 'm')?.state, 'swapped')
  swapBack(state, swap)
  t.equal(seen(), OLD)
  endSwap(state, swap)
  t.equal(seen(), OLD)
  t.equal(readSwap(state, 'm'), undefined)
  t.end()
})

t.test('the end leaves the winner only', (t) => {
  const { dir, state, swap, seen } = setUp(t)
  writeSwap(state, swap)
  acceptSwap(state, swapForward(state, swap))
  t.equal(readSwap(state, 'm')?.state, 'accepted')
  endSwap(state, swap)
  t.equal(readSwap(state, 'm'), undefined)
  t.equal(seen(), NEW)
  for (const name of NAMES) {
    t.notOk(existsSync(join(dir, name, '.m.old')), `${name}: the old data is gone`)
    t.notOk(existsSync(join(dir, name, '.restore')), `${name}: the scaffolding is gone`)
  }
  t.end()
})

t.test('cut short after any number of renames, done again in either direction', (t) => {
  // as the first `cut` exchanges leave it, and the next one half done
  const partly = (swap: Swap, cut: number): Swap => ({ ...swap, exchanges: swap.exchanges.slice(0, cut) })
  const half = (swap: Swap, at: number): Swap => ({
    ...swap,
    exchanges: swap.exchanges.slice(at, at + 1).map(({ staging: _staging, ...rest }) => rest),
  })
  for (let cut = 0; cut <= NAMES.length; cut++)
    for (const alsoHalf of [false, true])
      for (const onward of ['forward', 'back'] as const)
        t.test(`${cut} done${alsoHalf ? ', one half' : ''}, then ${onward}`, (t) => {
          const { state, swap, seen } = setUp(t)
          swapForward(state, partly(swap, cut))
          if (alsoHalf) swapForward(state, half(swap, cut))
          if (onward === 'forward') swapForward(state, swap)
          else swapBack(state, swap)
          t.equal(seen(), onward === 'forward' ? NEW : OLD)
          if (onward === 'back') {
            // the way back, cut short and begun again
            swapForward(state, swap)
            swapBack(state, partly(swap, cut))
            swapBack(state, swap)
            t.equal(seen(), OLD)
          }
          t.end()
        })
  t.end()
})
