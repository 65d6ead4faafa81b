/** Gitea and Forgejo: one hook of the whole server where the version can make one by its API, else one in each repository. */
import { list, number, text } from '../sources/reading.ts'
import type { Connector } from './connector.ts'
import { basic, type Tool } from './tool.ts'

const EVENTS = [
  'push',
  'create',
  'delete',
  'issues',
  'issue_comment',
  'pull_request',
  'pull_request_comment',
  'pull_request_review',
  'release',
  'workflow_run',
  'workflow_job',
]
const PAGE = 50
const MOST_PAGES = 40

export function forge(type: 'gitea' | 'forgejo'): Connector {
  const prefix = type.toUpperCase()
  return {
    service: type,
    async register({ url, base, secret, kept }, { ask }) {
      const headers = basic(kept[`${prefix}_ADMIN_USER`] ?? '', kept[`${prefix}_ADMIN_PASSWORD`] ?? '')
      const call: Tool['ask'] = async (method, path, question) =>
        ask(method, `/api/v1${path}`, { ...question, headers })
      const json = {
        type,
        active: true,
        events: EVENTS,
        config: { url, content_type: 'json', secret, is_system_webhook: 'true' },
      }
      const before = await hooksOf(call, '/admin/hooks')
      const made = number((await call('POST', '/admin/hooks', { json })).body, 'id')
      const removeOld = async (path: string, hooks: readonly unknown[]) => {
        for (const old of hooks)
          if (text(old, 'config', 'url')?.startsWith(base))
            await call('DELETE', `${path}/${number(old, 'id')}`)
      }
      await removeOld('/admin/hooks', before)
      const now = await hooksOf(call, '/admin/hooks')
      if (now.some((hook) => number(hook, 'id') === made)) return {}
      // an older version took it for the pattern of repositories to come: those there are get theirs
      const repositories = await repositoriesOf(call)
      for (const name of repositories) {
        const path = `/repos/${name}/hooks`
        const old = await hooksOf(call, path)
        await call('POST', path, { json: { ...json, config: { url, content_type: 'json', secret } } })
        await removeOld(path, old)
      }
      return {}
    },
  }
}

const hooksOf = async (call: Tool['ask'], path: string): Promise<unknown[]> =>
  list((await call('GET', `${path}?limit=${PAGE}`)).body)

async function repositoriesOf(call: Tool['ask']): Promise<string[]> {
  const found: string[] = []
  for (let page = 1; page <= MOST_PAGES; page++) {
    const { body } = await call('GET', `/repos/search?limit=${PAGE}&page=${page}`)
    const names = list(body, 'data').flatMap((repository) => text(repository, 'full_name') ?? [])
    found.push(...names.map((name) => name.split('/').map(encodeURIComponent).join('/')))
    if (names.length < PAGE) break
  }
  return found
}
