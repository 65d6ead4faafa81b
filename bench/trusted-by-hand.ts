/** What a person would do for one host: server blocks by hand, `nginx -s reload`, and Debian's dehydrated for the certificate. */
import { existsSync, mkdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Box } from '../test/box.ts'
import { whileDaemonSleeps } from './by-hand.ts'
import { program } from './program.ts'

const DEHYDRATED = '/usr/bin/dehydrated'
const TREE = '/etc/nginx/summoner'
const CERTIFICATES = '/etc/nginx/certificates'

export const dehydratedMissing = (): boolean => !existsSync(DEHYDRATED)

interface ByHandInput {
  hosts: readonly string[]
  server: { directory: string; caFile: string }
  start(host: string): Promise<{ address: string; remove(): Promise<void> }>
  trusted(host: string): Promise<void>
}

/** Seconds for each host, in the nginx of the box, whose daemon sleeps meanwhile. */
export async function trustedByHand(
  box: Box,
  { hosts, server, start, trusted }: ByHandInput,
): Promise<number[]> {
  const dir = join(box.data, 'certificates/by-hand')
  mkdirSync(dir)
  const config = join(dir, 'config')
  const settings = {
    CA: server.directory,
    CURL_OPTS: `--cacert ${server.caFile}`,
    WELLKNOWN: join(box.data, 'proxy/acme'),
    BASEDIR: dir,
    KEY_ALGO: 'prime256v1',
  }
  writeFileSync(
    config,
    Object.entries(settings)
      .map(([name, value]) => `${name}="${value}"\n`)
      .join(''),
  )
  const file = realpathSync(join(box.data, 'proxy/current/nginx.conf'))
  const text = readFileSync(file, 'utf8')
  const nginx = (...args: string[]) =>
    program('docker', ['exec', `nginx-${box.domain}`, 'nginx', '-c', `${TREE}/current/nginx.conf`, ...args])
  const serve = async (blocks: string) => {
    writeFileSync(file, text.replace(/\}\s*$/, `${blocks}}\n`))
    await nginx('-t', '-q')
    await nginx('-s', 'reload')
  }
  const taken: number[] = []
  await whileDaemonSleeps(box, async () => {
    await program(DEHYDRATED, ['--register', '--accept-terms', '--config', config])
    for (const host of hosts) {
      const started = performance.now()
      const { address, remove } = await start(host)
      try {
        const plain = `server { listen ${box.httpPort}; server_name ${host}; location /.well-known/acme-challenge/ { alias ${TREE}/acme/; } location / { return 301 https://$host:${box.httpsPort}$request_uri; } }\n`
        await serve(plain)
        await program(DEHYDRATED, ['--cron', '--domain', host, '--config', config])
        const pair = `${CERTIFICATES}/by-hand/certs/${host}`
        await serve(
          `${plain}server { listen ${box.httpsPort} ssl; server_name ${host}; ssl_certificate ${pair}/fullchain.pem; ssl_certificate_key ${pair}/privkey.pem; location / { proxy_pass http://${address}:80; } }\n`,
        )
        await trusted(host)
        taken.push((performance.now() - started) / 1000)
      } finally {
        await remove()
      }
    }
    await serve('')
  })
  return taken
}
