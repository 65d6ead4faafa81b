/** A destination by rclone, as Dropbox and its kin are: here a WebDAV server, which asks for a password like theirs for a token. */
import t from 'tap'
import { execFileSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { cloudDestination } from './destinations-cloud.ts'
import { freePort, serve } from './destinations-rig.ts'

t.test('rclone: a wrong password, the right one, read back', async (t) => {
  const folder = join(t.testdir(), 'far')
  mkdirSync(folder)
  const port = await freePort()
  t.teardown(await serve(['webdav', folder, '--user', 'box', '--pass', 'a-long-webdav-word'], port))
  // rclone reads passwords only in a form of its own
  const word = execFileSync('rclone', ['obscure', 'a-long-webdav-word'], { encoding: 'utf8' }).trim()
  await cloudDestination(t, {
    to: 'rclone:far:kit',
    env: {
      RCLONE_CONFIG_FAR_TYPE: 'webdav',
      RCLONE_CONFIG_FAR_URL: `http://127.0.0.1:${port}/`,
      RCLONE_CONFIG_FAR_VENDOR: 'other',
      RCLONE_CONFIG_FAR_USER: 'box',
      RCLONE_CONFIG_FAR_PASS: word,
    },
    secret: 'RCLONE_CONFIG_FAR_PASS',
  })
})
