/** minion.yml: what a template says about itself. One schema = type, check, published JSON Schema, web form. */
import { Type, type Static } from 'typebox'
import { NAME } from '../config/config.ts'
import { TemplateProxySchema } from '../config/proxy-options.ts'
import { LevelSchema } from './level.ts'

const CLOSED = { additionalProperties: false } as const
const Text = Type.Object({ en: Type.String(), fr: Type.String() }, CLOSED)
const Argv = Type.Array(Type.String(), { minItems: 1, description: 'argv, never a shell string' })
const Service = Type.String({ description: 'a service of compose.yml' })
/** `{service, argv, user?, env?}`: run inside the running container; env values may name `${VARIABLES}` of `.env`. */
const Command = Type.Object(
  {
    service: Service,
    argv: Argv,
    user: Type.Optional(Type.String()),
    env: Type.Optional(Type.Record(Type.String(), Type.String())),
  },
  CLOSED,
)

export const ImageSchema = Type.Object(
  {
    repository: Type.String(),
    tag: Type.String({ description: 'pinned exact tag, never `latest`' }),
    pattern: Type.String({ description: 'regular expression of the tags that are legal here' }),
    variable: Type.String({ description: 'the .env key that carries the tag', pattern: '^[A-Z][A-Z0-9_]*$' }),
    distro: Type.Optional(
      Type.Object(
        {
          context: Type.String({
            description:
              'folder with the Dockerfile, relative to the template: `distro/<service>`, or `../.distro/<name>` for one that templates share',
          }),
          version: Type.String({ description: 'version that this build gives; becomes the tag' }),
          engine: Type.Optional(
            Type.String({
              description: 'database engine of this build where it differs (mariadb for mysql)',
            }),
          ),
        },
        CLOSED,
      ),
    ),
  },
  CLOSED,
)

export const InputSchema = Type.Object(
  {
    id: Type.String({ pattern: '^[A-Z][A-Z0-9_]*$', description: 'the .env key' }),
    type: Type.Enum(['string', 'text', 'email', 'password', 'boolean', 'integer', 'choice', 'url']),
    label: Text,
    help: Type.Optional(Text),
    default: Type.Optional(Type.String()),
    choices: Type.Optional(Type.Array(Type.String())),
    pattern: Type.Optional(Type.String()),
    required: Type.Optional(Type.Boolean()),
    generate: Type.Optional(
      Type.Object(
        {
          length: Type.Integer({ minimum: 8, maximum: 256 }),
          alphabet: Type.Optional(
            Type.Union([Type.Literal('alphanumeric'), Type.Literal('hex'), Type.Literal('base64')]),
          ),
          suffix: Type.Optional(
            Type.String({
              maxLength: 8,
              description: 'added to every generated value, for rules like "one digit, one sign"',
            }),
          ),
        },
        CLOSED,
      ),
    ),
    secret: Type.Optional(Type.Boolean()),
    immutable: Type.Optional(
      Type.Boolean({
        description: 'may not change after the first summon (a kept database would refuse it)',
      }),
    ),
  },
  CLOSED,
)

export const WebSchema = Type.Object(
  {
    service: Service,
    port: Type.Integer({ minimum: 1, maximum: 65535 }),
    protocol: Type.Optional(Type.Union([Type.Literal('http'), Type.Literal('https')])),
    subdomain: Type.Optional(
      Type.String({ description: 'further host beside the main one: `<subdomain>.<main host>`' }),
    ),
    max_body: Type.Optional(Type.String({ pattern: '^(0|[0-9]+[kmg])$' })),
    websocket: Type.Optional(Type.Boolean()),
    buffering: Type.Optional(Type.Boolean()),
    timeout: Type.Optional(Type.Integer({ minimum: 1, maximum: 86400, description: 'seconds' })),
    paths: Type.Optional(
      Type.Array(
        Type.Object({ path: Type.String({ pattern: '^/' }), service: Service, port: Type.Integer() }, CLOSED),
      ),
    ),
    proxy: Type.Optional(TemplateProxySchema),
  },
  CLOSED,
)

const WebhooksSchema = Type.Object(
  {
    /** What it tells others. `source` is the type of a source in config.yml. */
    out: Type.Optional(
      Type.Array(
        Type.Object(
          {
            source: Type.String({ pattern: NAME }),
            events: Type.Array(Type.String(), { minItems: 1 }),
            setup: Text,
          },
          CLOSED,
        ),
      ),
    ),
    /** What it can be told. `channel` is the type of a channel in config.yml. */
    in: Type.Optional(
      Type.Array(Type.Object({ channel: Type.String({ pattern: NAME }), setup: Text }, CLOSED)),
    ),
    /** It refuses to send to private addresses: inside it `hooks.<domain>` is looked up as anywhere else. */
    public: Type.Optional(Type.Boolean()),
  },
  CLOSED,
)

const SignInSchema = Type.Object(
  {
    method: Type.Enum(['oidc', 'oauth', 'saml', 'ldap', 'header', 'proxy'], {
      description: 'proxy: only in front of it, at nginx',
    }),
    callback: Type.Optional(Type.String({ pattern: '^/', description: 'redirect path, below ${URL}' })),
    setup: Text,
  },
  CLOSED,
)

export const TemplateSchema = Type.Object(
  {
    name: Type.String({ pattern: NAME }),
    summary: Text,
    category: Type.String(),
    links: Type.Optional(Type.Record(Type.String(), Type.String())),
    revision: Type.Integer({ minimum: 1 }),
    images: Type.Record(Type.String(), ImageSchema),
    upgrade: Type.Optional(
      Type.Object(
        {
          step: Type.Optional(Type.String()),
          stops: Type.Optional(Type.Array(Type.String())),
          database: Type.Optional(Type.String()),
        },
        CLOSED,
      ),
    ),
    inputs: Type.Optional(Type.Array(InputSchema)),
    web: Type.Optional(Type.Array(WebSchema)),
    health: Type.Optional(
      Type.Object(
        {
          path: Type.Optional(Type.String({ pattern: '^/' })),
          status: Type.Optional(Type.Array(Type.Integer())),
          json: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
          start_period: Type.Optional(
            Type.Integer({ description: 'seconds the first start may take; default 120' }),
          ),
          stable_for: Type.Optional(
            Type.Integer({ description: 'seconds watched after success; default 10' }),
          ),
          oneshot: Type.Optional(Type.Array(Service, { description: 'services whose exit 0 is success' })),
        },
        CLOSED,
      ),
    ),
    data: Type.Optional(
      Type.Array(
        Type.Object(
          {
            service: Service,
            path: Type.String({ description: 'host path with ${VARIABLES}' }),
            kind: Type.Union([Type.Literal('files'), Type.Literal('database'), Type.Literal('cache')]),
            owner: Type.Optional(Type.String({ pattern: '^[0-9]+:[0-9]+$' })),
            mode: Type.Optional(Type.String({ pattern: '^0?[0-7]{3}$' })),
          },
          CLOSED,
        ),
      ),
    ),
    dumps: Type.Optional(
      Type.Array(
        Type.Object(
          {
            service: Service,
            engine: Type.Enum([
              'mariadb',
              'mysql',
              'postgres',
              'postgresql',
              'mongodb',
              'mongo',
              'redis',
              'valkey',
              'sqlite',
            ]),
            database: Type.String({
              description:
                'its name; for sqlite the host path with ${VARIABLES}; for redis a word of your own',
            }),
            user: Type.Optional(Type.String({ description: "the application's own account" })),
            password_env: Type.Optional(Type.String({ description: 'the input that holds its password' })),
          },
          CLOSED,
        ),
      ),
    ),
    backup: Type.Optional(
      Type.Object(
        {
          consistency: Type.Union([Type.Literal('hot'), Type.Literal('cold')]),
          before: Type.Optional(Type.Array(Command)),
          after: Type.Optional(Type.Array(Command)),
        },
        CLOSED,
      ),
    ),
    /** Run with OLD_URL, NEW_URL, OLD_HOST, NEW_HOST in their environment. */
    rename: Type.Optional(
      Type.Object(
        { before: Type.Optional(Type.Array(Command)), after: Type.Optional(Type.Array(Command)) },
        CLOSED,
      ),
    ),
    verify: Type.Optional(
      Type.Array(
        Type.Object(
          {
            http: Type.Optional(Type.Unknown()),
            sql: Type.Optional(Type.Unknown()),
            file: Type.Optional(Type.Unknown()),
          },
          CLOSED,
        ),
      ),
    ),
    resources: Type.Object(
      {
        memory: Type.Integer({ description: 'MiB that it may take: the sum of all services' }),
        usual: Type.Optional(
          Type.Integer({
            minimum: 1,
            description: 'MiB that it takes after its first use, as it was measured',
          }),
        ),
        cpus: Type.Optional(Type.Number()),
        pids: Type.Optional(Type.Integer()),
        disk: Type.Integer({ description: 'MiB for images and first data' }),
        sysctl: Type.Optional(
          Type.Record(Type.String(), Type.String({ pattern: '^[0-9]{1,18}$' }), {
            description: 'kernel settings that must be at least this on the host',
          }),
        ),
        cpu: Type.Optional(
          Type.Array(Type.String({ pattern: '^[a-z0-9_]+$' }), {
            description: 'flags that the processor must have on x86-64, like avx',
          }),
        ),
        services: Type.Optional(
          Type.Record(
            Type.String(),
            Type.Object(
              {
                memory: Type.Integer(),
                cpus: Type.Optional(Type.Number()),
                pids: Type.Optional(Type.Integer()),
              },
              CLOSED,
            ),
            { description: 'limits per service, MiB' },
          ),
        ),
      },
      CLOSED,
    ),
    security: Type.Optional(
      Type.Object(
        {
          new_privileges: Type.Optional(
            Type.Array(Service, { description: 'services that need them; the others are refused' }),
          ),
        },
        CLOSED,
      ),
    ),
    grants: Type.Optional(Type.Array(Type.Object({ what: Type.String(), why: Text }, CLOSED))),
    webhooks: Type.Optional(WebhooksSchema),
    sso: Type.Optional(Type.Array(SignInSchema, { description: 'ways to sign in beside its own accounts' })),
    admin: Type.Optional(
      Type.Object(
        {
          user: Type.String({ description: 'may name a ${VARIABLE}' }),
          password_env: Type.String(),
          path: Type.String({ description: 'where one signs in, e.g. /wp-admin/' }),
          /** Idempotent; run after the minion is healthy. Exit 0 = an administrator is there. */
          create: Type.Optional(Command),
        },
        CLOSED,
      ),
    ),
    notes: Type.Optional(Text),
    level: Type.Optional(LevelSchema),
  },
  CLOSED,
)
export type TemplateDescription = Static<typeof TemplateSchema>
export type TemplateInput = Static<typeof InputSchema>
export type TemplateWeb = Static<typeof WebSchema>
export type TemplateImage = Static<typeof ImageSchema>
export type TemplateCommand = Static<typeof Command>

/** A compose service as far as we read it. */
export interface ComposeService {
  image?: string
  build?: unknown
  environment?: Record<string, string | null> | string[]
  networks?: string[] | Record<string, Record<string, unknown> | null>
  network_mode?: string
  ports?: unknown[]
  restart?: string
  deploy?: { replicas?: number; resources?: unknown }
  mem_limit?: unknown
  healthcheck?: unknown
  [key: string]: unknown
}
export interface ComposeFile {
  services: Record<string, ComposeService>
  networks?: Record<string, Record<string, unknown> | null>
  volumes?: Record<string, Record<string, unknown> | null>
  [key: string]: unknown
}

/** A template folder, read and checked. */
export interface Template {
  name: string
  dir: string
  description: TemplateDescription
  compose: ComposeFile
  /** The file as it lies in the folder: `compose.yml`. */
  composeText: string
  /** sha256 over every file of the folder and `builds`; a changed template is a pending `~` of its minions. */
  hash: string
  /** sha256 over what compose itself consumes of the folder: compose.yml by value, and the files it names. */
  consumed: string
  /** Service -> 12 hex over its `distro.context` (`hashContext` of images/): the end of a distribution build's tag. */
  builds: Record<string, string>
}

export interface Catalog {
  list(): Template[]
  /** `template.unknown` with a did-you-mean, `template.invalid` with line and column. */
  get(name: string): Template
  /** Reads the folders again. Templates that do not parse are listed with their problem, never fatal. */
  reload(): void
  broken(): { name: string; problem: string }[]
}
