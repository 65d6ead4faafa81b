/** Values that several tests of this room start from. */
import type { Container } from '../server/docker/container.ts'
import type { Job } from '../server/jobs/job.ts'
import type { Rendered } from '../server/templates/rendered.ts'
import type { Applied } from '../server/minions/applied.ts'

export function sampleContainer(change: Partial<Container> = {}): Container {
  return {
    id: 'c1',
    name: 'blog-kit.test',
    image: 'ghost:6',
    imageId: 'sha256:1',
    labels: { 'io.summoner.box': 'box', 'io.summoner.minion': 'blog' },
    project: 'blog',
    service: 'ghost',
    state: 'running',
    health: 'healthy',
    exitCode: 0,
    restartCount: 0,
    restartPolicy: 'unless-stopped',
    memoryLimit: 0,
    networks: { blog_default: '10.213.0.2' },
    networkMode: 'blog_default',
    env: { url: 'https://blog.kit.test' },
    exposedPorts: [2368],
    ...change,
  }
}

export function sampleApplied(change: Partial<Applied> = {}): Applied {
  return {
    application: {
      name: 'blog',
      template: 'ghost',
      subdomain: 'blog',
      state: 'running',
      database: 'dedicated',
      env: {},
      grants: [],
    },
    templateHash: 't1',
    hash: 'h1',
    project: 'blog',
    host: 'blog.kit.test',
    url: 'https://blog.kit.test',
    web: [],
    services: [
      {
        service: 'ghost',
        containerName: 'blog-kit.test',
        image: 'ghost:6',
        oneshot: false,
        hasHealthcheck: true,
      },
    ],
    secrets: [],
    images: 'registry',
    health: {},
    ready: true,
    fingerprints: {},
    ...change,
  }
}

export function sampleRendered(change: Partial<Rendered> = {}): Rendered {
  const { project, host, url, web, services, hash } = sampleApplied()
  return {
    minion: 'blog',
    project,
    host,
    url,
    web,
    services,
    hash,
    override: '',
    dotenv: '',
    env: {},
    secrets: [],
    folders: [],
    images: [],
    ...change,
  }
}

export function sampleJob(change: Partial<Job> = {}): Job {
  return {
    id: 'j1',
    kind: 'summon',
    minion: 'blog',
    state: 'running',
    actor: 'local',
    createdAt: '2026-01-01T00:00:00Z',
    steps: [],
    ...change,
  }
}
