/** What a person does in each tool to let it send webhooks, and something that it then tells of. */
import type { Account } from '../levels/level.ts'
import { basic } from '../levels/level.ts'
import type { Page, Visitor } from '../visitor.ts'

export interface Hook {
  url: string
  secret: string
}

export interface Sender {
  /** The event that our inbox makes of it. */
  event: string
  /** What it must say, beside its type. */
  says: Record<string, unknown>
  /** Sets the webhook up; the token where the tool makes it up itself. */
  connect(visitor: Visitor, account: Account, hook: Hook): Promise<string | undefined>
  act(visitor: Visitor, account: Account): Promise<void>
}

const TITLE = 'Le café est prêt'
const JSON_TYPE = { 'content-type': 'application/json' }

function taken(page: Page): Page {
  if (page.status >= 200 && page.status < 300) return page
  throw new Error(`${page.status}: ${page.body.slice(0, 400)}`)
}

const post = async (visitor: Visitor, path: string, body: object, headers: Record<string, string>) =>
  taken(await visitor.post(path, JSON.stringify(body), { ...JSON_TYPE, ...headers }))

/** Of each answer only one or two texts and numbers matter. */
type Told = Record<string, string>
const parsed = (page: Page) => JSON.parse(page.body) as Told
const listed = (page: Page) => JSON.parse(page.body) as Told[]

async function gitlabToken(visitor: Visitor, { user, password }: Account) {
  const form = { grant_type: 'password', username: user, password }
  const { access_token: token } = parsed(taken(await visitor.post('/oauth/token', form)))
  return { authorization: `Bearer ${token}` }
}

async function mattermostToken(visitor: Visitor, { user, password }: Account) {
  const page = await post(visitor, '/api/v4/users/login', { login_id: user, password }, {})
  return { authorization: `Bearer ${String(page.headers['token'])}` }
}

/** The public channel of the box's first team. */
async function townSquare(visitor: Visitor, account: Account) {
  const headers = await mattermostToken(visitor, account)
  const page = await visitor.get('/api/v4/teams/name/main/channels/name/town-square', headers)
  const { id = '', team_id = '' } = parsed(taken(page))
  return { headers, id, team_id }
}

async function wekanToken(visitor: Visitor, { user: username, password }: Account) {
  const page = await post(visitor, '/users/login', { username, password }, {})
  return { authorization: `Bearer ${parsed(page).token}` }
}

async function taigaToken(visitor: Visitor, { user: username, password }: Account) {
  const page = await post(visitor, '/api/v1/auth', { type: 'normal', username, password }, {})
  return { authorization: `Bearer ${parsed(page).auth_token}` }
}

export const SENDERS: Record<string, Sender> = {
  gitlab: {
    event: 'issue.opened',
    says: { project: 'root/hooked', subject: TITLE, actor: { username: 'root' } },
    async connect(visitor, account, { url, secret }) {
      const headers = await gitlabToken(visitor, account)
      await post(visitor, '/api/v4/projects', { name: 'hooked' }, headers)
      const hook = { url, token: secret, issues_events: true, push_events: false }
      await post(visitor, '/api/v4/projects/root%2Fhooked/hooks', hook, headers)
      return undefined
    },
    async act(visitor, account) {
      const headers = await gitlabToken(visitor, account)
      await post(visitor, '/api/v4/projects/root%2Fhooked/issues', { title: TITLE }, headers)
    },
  },

  nextcloud: {
    event: 'file.created',
    says: { subject: 'coffee.txt' },
    async connect(visitor, account, { url, secret }) {
      const listener = {
        httpMethod: 'POST',
        uri: url,
        event: 'OCP\\Files\\Events\\Node\\NodeCreatedEvent',
        headers: { 'Content-Type': 'application/json', 'X-Summoner-Token': secret },
      }
      await post(visitor, '/ocs/v2.php/apps/webhook_listeners/api/v1/webhooks', listener, {
        ...basic(account),
        'ocs-apirequest': 'true',
      })
      return undefined
    },
    async act(visitor, account) {
      const path = `/remote.php/dav/files/${account.user}/coffee.txt`
      taken(await visitor.send('PUT', path, TITLE, basic(account)))
    },
  },

  mattermost: {
    event: 'message.posted',
    says: { data: { text: `deploy ${TITLE}`, trigger: 'deploy', channel: 'town-square' } },
    async connect(visitor, account, { url }) {
      const { headers, id, team_id } = await townSquare(visitor, account)
      const hook = {
        team_id,
        channel_id: id,
        display_name: 'box',
        trigger_words: ['deploy'],
        callback_urls: [url],
        content_type: 'application/x-www-form-urlencoded',
      }
      return parsed(await post(visitor, '/api/v4/hooks/outgoing', hook, headers)).token
    },
    async act(visitor, account) {
      const { headers, id } = await townSquare(visitor, account)
      await post(visitor, '/api/v4/posts', { channel_id: id, message: `deploy ${TITLE}` }, headers)
    },
  },

  wekan: {
    event: 'card.created',
    says: { subject: TITLE },
    async connect(visitor, account, { url, secret }) {
      const headers = await wekanToken(visitor, account)
      const board = parsed(await post(visitor, '/api/boards', { title: 'Hooked' }, headers))
      await post(visitor, `/api/boards/${board._id}/lists`, { title: 'Todo' }, headers)
      await post(visitor, `/api/boards/${board._id}/integrations`, { url, token: secret }, headers)
      return undefined
    },
    async act(visitor, account) {
      const headers = await wekanToken(visitor, account)
      const read = async (path: string) => taken(await visitor.get(path, headers))
      const { _id: user } = parsed(await read('/api/user'))
      const boards = listed(await read(`/api/users/${user ?? ''}/boards`))
      const board = boards.findLast(({ title }) => title === 'Hooked')?._id ?? ''
      const [list] = listed(await read(`/api/boards/${board}/lists`))
      await post(visitor, `/api/boards/${board}/lists/${list?._id ?? ''}/cards`, { title: TITLE }, headers)
    },
  },

  forgejo: {
    event: 'issue.opened',
    says: { subject: TITLE },
    async connect(visitor, account, { url, secret }) {
      await post(visitor, '/api/v1/user/repos', { name: 'hooked' }, basic(account))
      const hook = {
        type: 'forgejo',
        active: true,
        events: ['issues'],
        config: { url, content_type: 'json', secret },
      }
      await post(visitor, `/api/v1/repos/${account.user}/hooked/hooks`, hook, basic(account))
      return undefined
    },
    async act(visitor, account) {
      await post(visitor, `/api/v1/repos/${account.user}/hooked/issues`, { title: TITLE }, basic(account))
    },
  },

  sonarqube: {
    event: 'quality-gate.passed',
    says: { project: 'hooked' },
    async connect(visitor, account, { url, secret }) {
      taken(await visitor.post('/api/projects/create', { project: 'hooked', name: 'hooked' }, basic(account)))
      taken(await visitor.post('/api/webhooks/create', { name: 'box', url, secret }, basic(account)))
      return undefined
    },
    async act(visitor, account) {
      taken(await visitor.post('/api/ce/submit?projectKey=hooked', 'report', basic(account)))
    },
  },

  taiga: {
    event: 'story.created',
    says: { subject: TITLE, project: 'Hooked' },
    async connect(visitor, account, { url, secret }) {
      const headers = await taigaToken(visitor, account)
      const made = await post(visitor, '/api/v1/projects', { name: 'Hooked' }, headers)
      const { id: project } = parsed(made)
      await post(visitor, '/api/v1/webhooks', { project, name: 'box', url, key: secret }, headers)
      return undefined
    },
    async act(visitor, account) {
      const headers = await taigaToken(visitor, account)
      const page = taken(await visitor.get('/api/v1/projects', headers))
      const project = listed(page).find(({ name }) => name === 'Hooked')?.id
      await post(visitor, '/api/v1/userstories', { project, subject: TITLE }, headers)
    },
  },
}

/** A webhook into the chat: its address, and what stands in the channel. */
export async function intoMattermost(visitor: Visitor, account: Account) {
  const { headers, id } = await townSquare(visitor, account)
  const made = await post(visitor, '/api/v4/hooks/incoming', { channel_id: id, display_name: 'box' }, headers)
  return {
    path: `/hooks/${parsed(made).id}`,
    async messages(): Promise<string[]> {
      const page = taken(await visitor.get(`/api/v4/channels/${id}/posts`, headers))
      return Object.values(
        (JSON.parse(page.body) as { posts: Record<string, { message: string }> }).posts,
      ).map(({ message }) => message)
    },
  }
}
