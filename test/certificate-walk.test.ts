/** What docs/certificates.md tells an operator to do, on a whole box: own files, a wildcard, names that share. */
import { randomBytes } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { openAuthority } from '../server/certificates/authority.ts'
import { startDnsApi, TOKEN } from '../server/certificates/challenges/dns-apis.fixture.ts'
import { createExec } from '../server/docker/exec.ts'
import { createBox } from './box.ts'
import { pebbleMissing, startPebble } from './pebble.ts'
import { visitTrusting } from './visit-trusting.ts'

interface Row {
  name: string
  names: string[]
  source?: string
}

t.test(
  'own files, then a wildcard, then names that share one',
  { skip: pebbleMissing(), timeout: 600_000 },
  async (t) => {
    const box = await createBox({ boot: false, config: '  applications:\n    - hello\n' })
    t.teardown(() => box.remove())
    const host = `hello.${box.domain}`
    const exec = createExec({ runDir: join(box.dir, 'children'), network: {}, redact: (text) => text })
    const plain = readFileSync(box.configFile, 'utf8')
    const tls = async (text: string) => {
      writeFileSync(
        box.configFile,
        `${readFileSync(box.configFile, 'utf8').replace(/^  tls: .*\n/m, '')}  tls: ${text}\n`,
      )
      const applied = await box.cli(['apply', '--yes'])
      t.equal(applied.code, 0, applied.stdout + applied.stderr)
    }
    const served = async (name: string, ca: string): Promise<number> => {
      for (const deadline = Date.now() + 60_000; ; await sleep(250)) {
        const answer = await visitTrusting(name, box.httpsPort, ca).catch(() => undefined)
        if (answer) return answer.status
        if (Date.now() > deadline) return 0
      }
    }
    t.notMatch(plain, 'tls:')

    // your own files
    const own = await openAuthority({ dir: join(box.dir, 'own'), used: () => false, now: () => new Date() })
    const pair = await own.issue([host])
    writeFileSync(join(box.dir, 'chain.pem'), pair.fullchain)
    writeFileSync(join(box.dir, 'key.pem'), pair.privateKey)
    box.configure('  tls: { files: { certificate: chain.pem, key: key.pem } }\n')
    await box.boot()
    for (const job of await box.apply()) t.equal(job.state, 'succeeded', JSON.stringify(job.problem))
    t.equal(await served(host, own.rootPem()), 200, 'the own certificate')

    // one minion goes its own way: the application alone is internal again
    const file = readFileSync(box.configFile, 'utf8')
    t.match(file, '- hello')
    writeFileSync(box.configFile, file.replace('- hello', '- { name: hello, tls: internal }'))
    t.equal((await box.cli(['apply', '--yes'])).code, 0)
    const internal = readFileSync(join(box.data, 'certificates/internal/root.pem'), 'utf8')
    t.equal(await served(host, internal), 200, 'tls of one minion')
    writeFileSync(box.configFile, file)

    // a wildcard by DNS-01
    const pebble = await startPebble({ httpPort: box.httpPort })
    t.teardown(() => pebble.stop())
    const api = await startDnsApi(
      'cloudflare',
      async (name, values) => {
        await pebble.dns('clear-txt', { host: `${name}.` })
        for (const value of values) await pebble.dns('set-txt', { host: `${name}.`, value })
      },
      box.domain,
    )
    t.teardown(api.close)
    t.equal((await box.cli(['secret', 'set', 'dns-token'], TOKEN)).code, 0)
    const dns = `{ cloudflare: { token: { secret: dns-token }, api: "${api.url}" }, wait: 0 }`
    await tls(`{ acme: "${pebble.directory}", ca: ${pebble.caFile}, wildcard: true, dns: ${dns} }`)
    const root = await pebble.root()
    t.equal(await served(host, root), 200, 'the wildcard')
    t.not(await served(`summoner.${box.domain}`, root), 0, 'of every host')
    const rows = async (): Promise<Row[]> =>
      (await box.api<{ certificates: Row[] }>('GET', '/certificates')).body.certificates
    t.match(
      (await rows()).find(({ name }) => name === `*.${box.domain}`),
      { names: [box.domain, `*.${box.domain}`], source: pebble.directory },
    )

    // LETSENCRYPT_HOST of a container that is none of ours
    await tls(`{ acme: "${pebble.directory}", ca: ${pebble.caFile} }`)
    const id = randomBytes(3).toString('hex')
    const names = [`one-${id}.else.test`, `two-${id}.else.test`]
    // the certificate may name more than what is served
    const shared = [...names, `mail-${id}.else.test`]
    const environment = [
      '-e',
      `VIRTUAL_HOST=${names.join(',')}`,
      '-e',
      `LETSENCRYPT_HOST=${shared.join(',')}`,
    ]
    await exec([
      'docker',
      'run',
      '-d',
      '--name',
      `walk-${id}`,
      ...environment,
      'summoner/base:trixie',
      'sleep',
      '300',
    ])
    t.teardown(() => exec(['docker', 'rm', '-f', `walk-${id}`], { ok: [0, 1] }))
    for (const name of names) t.not(await served(name, root), 0, `${name} verifies`)
    const [both, ...more] = (await rows()).filter(
      (row) => row.names.some((name) => names.includes(name)) && row.source !== undefined,
    )
    t.equal(both?.name, names[0])
    // the server puts them into an order of its own
    t.same(both?.names.toSorted(), shared.toSorted(), 'one certificate for all')
    t.same(more, [])
  },
)
