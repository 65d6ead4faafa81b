import type { Test } from 'tap'
import { createHash } from 'node:crypto'
import type { Visitor } from '../visitor.ts'
import { basic, WORDS, type Level } from './level.ts'

export const registry: Level = {
  async front(t, visitor) {
    const { status, headers } = await visitor.get('/v2/')
    t.equal(status, 401, 'nobody pulls or pushes without the account')
    t.equal(headers['docker-distribution-api-version'], 'registry/2.0')
  },
  async signIn(t, visitor, account) {
    t.equal((await visitor.get('/v2/', basic({ ...account, password: 'wrong' }))).status, 401)
    t.equal((await visitor.get('/v2/', basic(account))).status, 200)
  },
  async write(t, visitor, account) {
    const headers = basic(account)
    const config = await upload(t, visitor, '{"architecture":"amd64","os":"linux"}', headers)
    const layer = await upload(t, visitor, WORDS, headers)
    const manifest = imageManifest(config, layer)
    const put = await visitor.send('PUT', '/v2/team/notes/manifests/1.0', manifest, {
      ...headers,
      'content-type': MANIFEST,
    })
    t.equal(put.status, 201, put.body)
    const hollow = await visitor.send('PUT', '/v2/team/empty/manifests/1.0', manifest, headers)
    t.equal(hollow.status, 400, 'a manifest without its layers is refused')
  },
  async read(t, visitor, account) {
    const headers = basic(account)
    const pulled = await visitor.get('/v2/team/notes/manifests/1.0', { ...headers, accept: MANIFEST })
    t.equal(pulled.status, 200)
    const { layers } = JSON.parse(pulled.body) as { layers: { digest: string }[] }
    const blob = await visitor.get(`/v2/team/notes/blobs/${layers[0]?.digest ?? ''}`, headers)
    t.equal(blob.body, WORDS)
    const digest = String(pulled.headers['docker-content-digest'])
    const deleted = await visitor.send('DELETE', `/v2/team/notes/manifests/${digest}`, undefined, headers)
    t.equal(deleted.status, 202, 'what was pushed can be deleted')
  },
}
const MANIFEST = 'application/vnd.docker.distribution.manifest.v2+json'
const digestOf = (text: string) => `sha256:${createHash('sha256').update(text).digest('hex')}`
async function upload(t: Test, visitor: Visitor, text: string, headers: Record<string, string>) {
  const begun = await visitor.send('POST', '/v2/team/notes/blobs/uploads/', '', headers)
  t.equal(begun.status, 202)
  const to = new URL(String(begun.headers['location']), visitor.origin)
  t.equal(to.origin, visitor.origin, 'uploads go on through the proxy')
  to.searchParams.set('digest', digestOf(text))
  const ended = await visitor.send('PUT', `${to.pathname}${to.search}`, text, {
    ...headers,
    'content-type': 'application/octet-stream',
  })
  t.equal(ended.status, 201, ended.body)
  return { digest: digestOf(text), size: Buffer.byteLength(text) }
}
const imageManifest = (config: object, layer: object) =>
  JSON.stringify({
    schemaVersion: 2,
    mediaType: MANIFEST,
    config: { mediaType: 'application/vnd.docker.container.image.v1+json', ...config },
    layers: [{ mediaType: 'application/vnd.docker.image.rootfs.diff.tar.gzip', ...layer }],
  })
