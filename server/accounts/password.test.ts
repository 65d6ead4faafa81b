import t from 'tap'
import { createHashes } from './password-hash.ts'
import { checkPassword } from './password.ts'

const about = { name: 'zoe.martin', domain: 'virtualdonkey.fr' }

t.test('what everybody tries first is refused', async (t) => {
  for (const password of [
    '',
    'short',
    'elevenchars',
    'motdepasse12',
    'password1234',
    'Password1234!',
    'P@ssw0rd2024',
    'passwordpassword',
    'azertyuiop123',
    'qwertyuiop[]',
    'admin12345678',
    'Administrator1',
    'administrateur!',
    '123456789012',
    '098765432109',
    'aaaaaaaaaaaaa',
    'abcabcabcabcabc',
    'abcdefghijklm',
    'iloveyou2025!',
    'monkeydragon12',
    'zoemartin1234',
    'virtualdonkey1',
    'Bienvenue2026!',
    '             ',
    '!!!!!!!!!!!!!!',
    'summoner2026!!',
    'x'.repeat(257),
  ])
    t.throws(() => checkPassword(password, about), { code: 'password.weak' }, password)
})

t.test('what a person or a safe makes up is accepted', async (t) => {
  for (const password of [
    'correct horse battery staple',
    'un lapin mange sept carottes',
    'vK9#mTq2xLp7',
    'j’aime la tarte aux mirabelles',
    'пароль из длинных слов',
    '雨の日は図書館で本を読みます',
    'sunshine-and-more-42',
    'x7f3a91c0de48b2',
  ])
    t.doesNotThrow(() => checkPassword(password, about), password)
})

t.test('hashes carry their parameters; the same work is done for nobody', async (t) => {
  const old = createHashes({ N: 2 ** 10, r: 8, p: 1 })
  const hashes = createHashes({ N: 2 ** 11, r: 8, p: 1 })
  const kept = await old.hash('correct horse battery staple')
  t.match(kept, /^scrypt\$1024\$8\$1\$/)
  t.ok(await hashes.verify('correct horse battery staple', kept))
  t.notOk(await hashes.verify('correct horse battery stapl', kept))
  t.ok(hashes.outdated(kept))
  t.notOk(hashes.outdated(await hashes.hash('x')))
  t.notOk(await hashes.verify('anything', undefined))
  t.notOk(await hashes.verify('anything', null))
  t.not(await hashes.hash('same'), await hashes.hash('same'), 'every hash has its own salt')
  t.ok(await hashes.verify('e\u0301te\u0301', await hashes.hash('\u00e9t\u00e9')), 'one text, two spellings')
})

t.test('a crowd waits or is sent away', async (t) => {
  const hashes = createHashes({ N: 2 ** 10, r: 8, p: 1 })
  const crowd = Array.from({ length: 40 }, async () => hashes.verify('guess', undefined))
  const outcomes = await Promise.allSettled(crowd)
  t.equal(outcomes.filter(({ status }) => status === 'fulfilled').length, 32)
  t.match(
    outcomes.find(({ status }) => status === 'rejected'),
    { reason: { code: 'request.rate' } },
  )
  t.equal(await hashes.verify('later', undefined), false, 'then there is room again')
})
