import t from 'tap'
import { localPath, matchPath } from './match.ts'

t.test('an address names its page', (t) => {
  t.same(matchPath('/', '/'), {})
  t.same(matchPath('/minions/:name/:tab?', '/minions/cloud'), { name: 'cloud' })
  t.same(matchPath('/minions/:name/:tab?', '/minions/cloud/logs/'), { name: 'cloud', tab: 'logs' })
  t.same(matchPath('/minions/:name', '/minions/a%2Fb'), { name: 'a/b' })
  t.equal(matchPath('/minions/:name', '/minions'), undefined)
  t.equal(matchPath('/minions/:name', '/minions/a/b'), undefined)
  t.equal(matchPath('/minions/:name', '/minions/%E0%A4%A'), undefined)
  t.end()
})

t.test('after signing in one only goes to this page', (t) => {
  t.equal(localPath('/minions/cloud?x=1'), '/minions/cloud?x=1')
  for (const evil of [
    '//evil.example',
    '/\\evil.example',
    'https://evil.example',
    'javascript:alert(1)',
    '',
    null,
  ])
    t.equal(localPath(evil), '/', String(evil))
  t.end()
})
