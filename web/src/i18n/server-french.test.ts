import t from 'tap'
import { statusOf } from '../../../server/minions/status.ts'
import { frenchSentence } from './server-french.ts'

t.test('why a minion is as it is, as the daemon says it today, is said in French', (t) => {
  const base = {
    desired: 'running',
    applied: undefined,
    containers: [],
    engineAnswers: true,
    crashLooping: false,
    degradedBy: undefined,
    activeJob: undefined,
    lastJob: undefined,
    problem: undefined,
  } as const
  for (const reason of [
    statusOf({ ...base, engineAnswers: false }).reason,
    statusOf(base).reason,
    statusOf({ ...base, problem: 'no such template' }).reason,
  ]) {
    t.ok(reason)
    t.not(frenchSentence(reason ?? ''), reason, reason ?? 'no reason')
  }
  t.equal(frenchSentence('mariadb-site is unhealthy.'), 'mariadb-site est en mauvaise santé.')
  t.equal(frenchSentence('site is exited (exit code 1).'), 'site s’est arrêté (code de sortie 1).')
  t.equal(
    frenchSentence('site was killed (exit code 137); the engine starts it again'),
    'site a été tué (code de sortie 137)',
  )
  t.equal(
    frenchSentence('site ran out of memory (exit code 137)'),
    'site a manqué de mémoire (code de sortie 137)',
  )
  t.equal(frenchSentence('What nobody has put into French.'), 'What nobody has put into French.')
  t.end()
})
