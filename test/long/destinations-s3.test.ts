import t from 'tap'
import { execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { cloudDestination } from '../destinations-cloud.ts'
import { freePort, running } from '../destinations-rig.ts'

/** An S3 server that checks signatures, made from source where Go is there; kept for the next run. */
const SERVER = 'github.com/versity/versitygw/cmd/versitygw@v1.8.0'
const bin = join(tmpdir(), 'summoner-go')

function build(): string | false {
  try {
    execFileSync('go', ['version'], { stdio: 'ignore' })
  } catch {
    return 'Go is not installed, so no S3 server can be built'
  }
  if (!existsSync(join(bin, 'versitygw')))
    execFileSync('go', ['install', SERVER], { stdio: 'inherit', env: { ...process.env, GOBIN: bin } })
  return false
}

t.test('S3: a wrong key, the right one, read back', { timeout: 1_800_000 }, async (t) => {
  const missing = build()
  if (missing) {
    t.pass('not tried', { skip: missing })
    return
  }
  const folder = join(t.testdir(), 'buckets')
  mkdirSync(join(folder, 'kit'), { recursive: true })
  const port = await freePort()
  const server = spawn(join(bin, 'versitygw'), ['--port', `127.0.0.1:${port}`, 'posix', folder], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, ROOT_ACCESS_KEY: 'box', ROOT_SECRET_KEY: 'a-long-s3-word' },
  })
  t.teardown(await running(server, port))
  await cloudDestination(t, {
    to: `s3:http://127.0.0.1:${port}/kit/summoner`,
    env: { AWS_ACCESS_KEY_ID: 'box', AWS_SECRET_ACCESS_KEY: 'a-long-s3-word' },
    secret: 'AWS_SECRET_ACCESS_KEY',
  })
})
