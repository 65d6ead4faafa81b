/**
 * GitLab: a webhook in each project there is. System hooks would cover projects to come, but know nothing of pipelines,
 * jobs, issues or releases, and group hooks are not in the Community Edition.
 */
import { list, number, text } from '../sources/reading.ts'
import type { Connector } from './connector.ts'
import type { Tool } from './tool.ts'

const EVENTS = [
  'push',
  'tag_push',
  'merge_requests',
  'issues',
  'note',
  'pipeline',
  'job',
  'releases',
  'confidential_issues',
  'confidential_note',
] as const
/** What members alone may read is not for a channel. */
const LEFT_OUT = ['confidential_issues', 'confidential_note']
const PAGE = 100
const MOST_PAGES = 20

/** As GitLab's handbook makes one without a browser: it works whatever became of the first password. */
const TOKEN = `
user = User.find_by_username('root') || User.admins.active.first
abort 'There is no administrator.' unless user
token = user.personal_access_tokens.create(scopes: ['api'], name: 'Summoner, while it registers', expires_at: 1.day.from_now)
token.set_token(ENV.fetch('HOOK_PASSING'))
token.save!
`

export const gitlab: Connector = {
  service: 'gitlab',
  async register({ url, base, secret, passing }, { run, ask }) {
    await run(['gitlab-rails', 'runner', TOKEN], { env: { HOOK_PASSING: passing }, timeoutMs: 300_000 })
    const headers = { 'private-token': passing }
    const call: Tool['ask'] = async (method, path, question) =>
      ask(method, `/api/v4${path}`, { ...question, headers })
    try {
      const wanted = Object.fromEntries(
        EVENTS.map((event) => [`${event}_events`, !LEFT_OUT.includes(event)] as const),
      )
      const projects = await projectsOf(call)
      for (const project of projects) {
        const hooks = `/projects/${project}/hooks`
        const { body: before } = await call('GET', hooks)
        // the way inside is plain HTTP that never leaves the machine
        const json = { url, token: secret, ...wanted, enable_ssl_verification: url.startsWith('https:') }
        await call('POST', hooks, { json })
        for (const old of list(before))
          if (text(old, 'url')?.startsWith(base)) await call('DELETE', `${hooks}/${number(old, 'id')}`)
      }
      return {
        note: `${projects.length === 1 ? '1 project sends' : `${projects.length} projects send`} their webhooks. For projects made later, run it again.`,
      }
    } finally {
      await call('DELETE', '/personal_access_tokens/self').catch(() => {})
    }
  },
}

async function projectsOf(call: Tool['ask']): Promise<number[]> {
  const found: number[] = []
  for (let page = 1; page <= MOST_PAGES; page++) {
    const query = `simple=true&archived=false&order_by=id&sort=asc&per_page=${PAGE}&page=${page}`
    const { body } = await call('GET', `/projects?${query}`)
    const ids = list(body).flatMap((project) => number(project, 'id') ?? [])
    found.push(...ids)
    if (ids.length < PAGE) break
  }
  return found
}
