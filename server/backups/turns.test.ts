import t from 'tap'
import { createTurns } from './turns.ts'

const turn = () => new Promise<void>((resolve) => setImmediate(resolve))

t.test('many share, one is alone, nobody overtakes', async (t) => {
  const turns = createTurns()
  const said: string[] = []
  const gate = new Map<string, () => void>()
  const work = (name: string) => async () => {
    said.push(`+${name}`)
    await new Promise<void>((resolve) => gate.set(name, resolve))
    said.push(`-${name}`)
  }
  const all = [
    turns.shared(work('a')),
    turns.shared(work('b')),
    turns.alone(work('c')),
    turns.shared(work('d')),
  ]
  await turn()
  t.same(said, ['+a', '+b'], 'c waits for both, d waits behind c')
  gate.get('a')?.()
  await turn()
  t.same(said, ['+a', '+b', '-a'])
  gate.get('b')?.()
  await turn()
  t.same(said.slice(3), ['-b', '+c'])
  gate.get('c')?.()
  await turn()
  t.same(said.slice(5), ['-c', '+d'])
  gate.get('d')?.()
  await Promise.all(all)
})

t.test('a failure gives the turn on', async (t) => {
  const turns = createTurns()
  await t.rejects(turns.alone(() => Promise.reject(new Error('no'))))
  t.equal(await turns.alone(() => Promise.resolve(1)), 1)
})
