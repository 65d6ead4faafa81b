import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { openAuthority } from './authority.ts'
import { createCertificates } from './create-certificates.ts'
import { readOwnPair } from './own-files.ts'
import { createCertificateStore } from './store.ts'

t.test(
  'own files: key, chain, names and dates are checked; a bad pair leaves the internal one',
  async (t) => {
    const dir = t.testdir({ box: {} })
    const now = () => new Date()
    const made = await openAuthority({ dir: join(dir, 'ca'), used: () => false, now })
    const other = await openAuthority({ dir: join(dir, 'other'), used: () => false, now })
    const source = { kind: 'files' as const, certificate: join(dir, 'chain.pem'), key: join(dir, 'key.pem') }
    const lay = (chain: string, key: string) => {
      writeFileSync(source.certificate, chain)
      writeFileSync(source.key, key)
    }
    const pair = await made.issue(['a.kit.test', '*.kit.test'])
    lay(pair.fullchain + made.rootPem(), pair.privateKey)
    t.same(readOwnPair(source, now()).names, ['a.kit.test', '*.kit.test'])
    const refused = (reason: RegExp, at = now()) =>
      t.throws(() => readOwnPair(source, at), { message: reason })
    refused(/ended on/, new Date(Date.now() + 400 * 86_400_000))
    lay(pair.fullchain + other.rootPem(), pair.privateKey)
    refused(/out of order/)
    lay(pair.fullchain, (await made.issue(['a.kit.test'])).privateKey)
    refused(/does not belong/)
    lay('nothing', pair.privateKey)
    refused(/no certificate in PEM/)
    lay(pair.fullchain, 'nothing')
    refused(/no private key/)

    const box = join(dir, 'box')
    const store = createCertificateStore({ dir: box })
    const authority = await openAuthority({ dir: box, used: () => store.list().length > 0, now })
    const events = {
      append: () => ({
        id: 1,
        at: '',
        type: '',
        source: 'summoner',
        severity: 'info' as const,
        title: '',
        data: {},
      }),
    }
    const certificates = createCertificates({ store, authority, now, events, source: () => source })
    t.equal(
      (await certificates.ensure('b.kit.test')).source,
      undefined,
      'internal while the key cannot be read',
    )
    t.match(certificates.problem('b.kit.test'), /no private key/)
    lay(pair.fullchain, pair.privateKey)
    const served = await certificates.ensure('b.kit.test')
    t.equal(served.source, 'files')
    t.equal(await certificates.ensure('a.kit.test'), served, 'one pair for all its names')
    t.equal(certificates.problem('b.kit.test'), undefined)
    t.equal((await certificates.ensure('x.other.test')).source, undefined)
    t.match(certificates.problem('x.other.test'), /does not name x\.other\.test/)
  },
)
