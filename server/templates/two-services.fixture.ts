/** A template of two services, a database and a one-shot, as the tests of this room use it. */
import type { RenderInput } from './rendered.ts'
import type { Template } from './template.ts'

export const composeText = `services:
  blog:
    image: blog:\${BLOG_VERSION}
    environment:
      VIRTUAL_HOST: \${HOST}
      URL: \${URL}
      DB_PASSWORD: \${DB_PASSWORD}
      TITLE: \${TITLE}
    ports:
      - "80:80"
      - "127.0.0.1:8025:8025"
    volumes:
      - \${VOLUME_STORAGE_ROOT}/\${MINION}/content:/content
      - ./setup:/summoner:ro
    depends_on:
      migrate: {condition: service_completed_successfully}
    healthcheck:
      test: ["CMD", "true-check"]
  db:
    image: mariadb:\${MARIADB_VERSION}
    restart: always
    networks: [default, back]
    environment:
      MARIADB_PASSWORD: \${DB_PASSWORD}
    volumes:
      - \${DATABASE_STORAGE_ROOT}/\${MINION}/db:/var/lib/mysql
  migrate:
    image: blog:\${BLOG_VERSION}
    command: ["migrate"]
    deploy: {resources: {limits: {memory: 64M}}}
networks:
  back: {internal: true}
`

const label = (en: string) => ({ en, fr: en })

/** \`compose\` is the parsed \`composeText\`; parsed by the test, so that this file stays data. */
export function template(
  compose: Template['compose'],
  change: Partial<Template['description']> = {},
): Template {
  return {
    name: 'my-blog',
    dir: '/templates/my-blog',
    compose,
    composeText,
    hash: 'a'.repeat(64),
    consumed: 'a'.repeat(64),
    builds: { blog: '0123456789ab', migrate: '0123456789ab' },
    description: {
      name: 'my-blog',
      summary: label('A blog'),
      category: 'web',
      revision: 1,
      images: {
        blog: {
          repository: 'blog',
          tag: '5.1.0',
          pattern: '^5\\.\\d+\\.\\d+$',
          variable: 'BLOG_VERSION',
          distro: { context: 'distro/blog', version: '5.1.0' },
        },
        db: { repository: 'mariadb', tag: '11.8.2', pattern: '^11\\.8\\.\\d+$', variable: 'MARIADB_VERSION' },
        migrate: {
          repository: 'blog',
          tag: '5.1.0',
          pattern: '^5\\.',
          variable: 'BLOG_VERSION',
          distro: { context: 'distro/blog', version: '5.1.0' },
        },
      },
      inputs: [
        {
          id: 'DB_PASSWORD',
          type: 'password',
          label: label('Password'),
          generate: { length: 24 },
          secret: true,
          immutable: true,
        },
        { id: 'TITLE', type: 'string', label: label('Title'), default: 'Blog of ${DOMAIN}' },
        { id: 'ADMIN_PASSWORD', type: 'password', label: label('Administrator'), generate: { length: 16 } },
      ],
      web: [{ service: 'blog', port: 2368, websocket: true }],
      dumps: [
        { service: 'db', engine: 'mariadb', database: 'blog', user: 'blog', password_env: 'DB_PASSWORD' },
      ],
      data: [
        {
          service: 'blog',
          path: '${VOLUME_STORAGE_ROOT}/${MINION}/content',
          kind: 'files',
          owner: '1000:1000',
          mode: '0750',
        },
        { service: 'db', path: '${DATABASE_STORAGE_ROOT}/${MINION}/db', kind: 'database' },
      ],
      resources: {
        memory: 512,
        disk: 500,
        services: { blog: { memory: 256, cpus: 1, pids: 100 }, migrate: { memory: 128, pids: 50 } },
      },
      admin: { user: 'admin', password_env: 'ADMIN_PASSWORD', path: '/admin/' },
      ...change,
    },
  }
}

type Changes = {
  application?: Partial<RenderInput['application']>
  box?: Partial<RenderInput['box']>
} & Partial<Pick<RenderInput, 'instance' | 'kept'>>

export function renderInput(of: Template, changes: Changes = {}): RenderInput {
  return {
    application: {
      name: 'blog',
      template: 'my-blog',
      subdomain: 'news',
      state: 'running',
      database: 'dedicated',
      env: {},
      grants: [],
      ...changes.application,
    },
    template: of,
    instance: changes.instance ?? {
      template: 'my-blog',
      revision: 1,
      images: 'registry',
      subnets: { default: '10.213.0.16/28', back: '10.213.0.32/28' },
      createdAt: '2026-01-01T00:00:00Z',
    },
    kept: changes.kept ?? {},
    box: {
      id: 'box1',
      domain: 'example.org',
      email: 'ops@example.org',
      vsroot: '/srv/data',
      dbsroot: '/srv/data/database',
      projectPrefix: '',
      dataDir: '/srv/box',
      httpPort: 80,
      httpsPort: 443,
      scheme: 'https',
      ...changes.box,
    },
    random: (length, alphabet) => `${alphabet}-`.repeat(length).slice(0, length),
  }
}
