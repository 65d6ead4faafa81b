import t from 'tap'
import { base32, matchingStep, stepAt, totpAt, totpUri } from './totp.ts'

const secret = Buffer.from('12345678901234567890')

t.test('the vectors of RFC 6238, appendix B', async (t) => {
  for (const [seconds, code] of [
    [59, '94287082'],
    [1111111109, '07081804'],
    [1111111111, '14050471'],
    [1234567890, '89005924'],
    [2000000000, '69279037'],
    [20000000000, '65353130'],
  ] as const) {
    t.equal(totpAt(secret, stepAt(seconds * 1000), 8), code, `at ${seconds} s`)
    t.equal(totpAt(secret, stepAt(seconds * 1000)), code.slice(2))
  }
})

t.test('one step early or late is accepted, two are not', async (t) => {
  const at = 1_234_567_890_000
  const now = stepAt(at)
  for (const off of [-1, 0, 1]) t.equal(matchingStep(secret, totpAt(secret, now + off), at), now + off)
  for (const off of [-2, 2]) t.equal(matchingStep(secret, totpAt(secret, now + off), at), undefined)
  for (const code of ['', '12345', '1234567', 'abcdef', '٠٠٥٩٢٤', ' 05924', '005924\n'])
    t.equal(matchingStep(secret, code, at), undefined, JSON.stringify(code))
})

t.test('the vectors of RFC 4648 for base 32, without padding', async (t) => {
  for (const [text, encoded] of [
    ['', ''],
    ['f', 'MY'],
    ['fo', 'MZXQ'],
    ['foo', 'MZXW6'],
    ['foob', 'MZXW6YQ'],
    ['fooba', 'MZXW6YTB'],
    ['foobar', 'MZXW6YTBOI'],
  ] as const)
    t.equal(base32(Buffer.from(text)), encoded)
  t.equal(
    totpUri(secret, 'zoe@example.org', 'summoner.example.org'),
    'otpauth://totp/summoner.example.org%3Azoe%40example.org?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=summoner.example.org',
  )
})
