/** A manifest for tests. */
import type { Manifest } from './manifest.ts'

export const manifestOf = (minion: string): Manifest => ({
  version: 1,
  set: `${minion}-20260101-030000`,
  box: '0123456789abcdef',
  minion,
  summoner: '0.1.0',
  at: '2026-01-01T03:00:04.000Z',
  stopped: true,
  domain: 'example.org',
  host: `${minion}.example.org`,
  url: `https://${minion}.example.org`,
  application: {
    name: minion,
    template: 'hello',
    subdomain: minion,
    state: 'running',
    database: 'dedicated',
    env: {},
    grants: [],
  },
  template: { name: 'hello', revision: 1, hash: 'aa' },
  images: {
    source: 'distro',
    services: [{ service: 'hello', reference: 'summoner/hello:1.0', id: 'sha256:aa', digests: [] }],
  },
  folders: [{ name: 'volumes', path: `/data/${minion}` }],
  dumps: [],
  files: [],
  snapshots: { data: '0123abcd' },
  count: { files: 3, bytes: 11 },
})
