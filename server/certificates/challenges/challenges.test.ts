import { readFileSync, readdirSync } from 'node:fs'
import t from 'tap'
import { ariId, momentOf } from '../acme/renewal-info.ts'
import { SummonerError } from '../../errors.ts'
import { accountKey } from '../acme/account.ts'
import { retryAfterOf } from '../acme/transport.ts'
import { clearProofs, createHttpProver } from './http-01.ts'
import { createRfc2136 } from './rfc2136.ts'
import { openAuthority } from '../authority.ts'

t.test('a proof is a readable file for its time; a token is never a path', async (t) => {
  const dir = t.testdir()
  const prover = createHttpProver({ dir })
  const proof = { name: 'a.test', token: 'to-ken_1', value: 'to-ken_1.thumb' }
  await prover.present(proof)
  t.equal(readFileSync(`${dir}/to-ken_1`, 'utf8'), 'to-ken_1.thumb')
  await prover.remove(proof)
  t.same(readdirSync(dir), [])
  await t.rejects(prover.present({ ...proof, token: '../../etc/cron.d/x' }), { code: 'certificate.failed' })
  await prover.present(proof)
  await clearProofs(dir)
  t.same(readdirSync(dir), [])
})

t.test('RFC 2136: the key goes through standard input, and a value is never another line', async (t) => {
  const calls: { argv: readonly string[]; input: string }[] = []
  const settings = { server: 'ns.test', zone: 'kit.test', key: 'acme', secret: 'c2VjcmV0\n' }
  const provider = createRfc2136(settings, async (argv, options) => {
    calls.push({ argv, input: String(options?.input) })
    return { code: 0, stdout: '', stderr: '' }
  })
  await provider.add({ name: '_acme-challenge.kit.test', value: 'abc' })
  t.same(calls[0]?.argv, ['nsupdate'])
  t.equal(
    calls[0]?.input,
    'server ns.test 53\nzone kit.test\nkey hmac-sha256:acme c2VjcmV0\nupdate add _acme-challenge.kit.test. 60 TXT "abc"\nsend\n',
  )
  const without = createRfc2136(settings, async () => {
    throw new SummonerError('engine.failed', 'The program nsupdate is not installed.', { hint: 'x' })
  })
  await t.rejects(without.add({ name: 'x', value: 'abc' }), {
    message: 'The program nsupdate is not installed. Install it: apt-get install bind9-dnsutils.',
  })
  await t.rejects(
    async () => provider.add({ name: 'x', value: 'a"\nupdate delete kit.test. A' }),
    /no digest/,
  )
})

t.test('an account key is made once for each server', async (t) => {
  const dir = t.testdir()
  const first = accountKey(dir, 'https://ca.test/dir')
  t.equal(accountKey(dir, 'https://ca.test/dir'), first)
  t.not(accountKey(dir, 'https://ca.test/other'), first)
})

t.test('advice: the identifier, a moment of the window, Retry-After', async (t) => {
  const authority = await openAuthority({ dir: t.testdir(), used: () => false, now: () => new Date() })
  const id = ariId((await authority.issue(['a.test'])).fullchain)
  t.match(id, /^[A-Za-z0-9_-]{20,}\.[A-Za-z0-9_-]{20,}$/)
  const window = { start: '2026-01-01T00:00:00Z', end: '2026-01-03T00:00:00Z' }
  t.equal(momentOf(window, 0.5).toISOString(), '2026-01-02T00:00:00.000Z')
  const now = new Date('2026-01-01T00:00:00Z')
  t.equal(retryAfterOf('120', now)?.toISOString(), '2026-01-01T00:02:00.000Z')
  t.equal(retryAfterOf('Fri, 02 Jan 2026 00:00:00 GMT', now)?.toISOString(), '2026-01-02T00:00:00.000Z')
  t.equal(retryAfterOf('soon', now), undefined)
})
