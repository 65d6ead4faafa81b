/** Mattermost: the command `/summoner`, and an outgoing webhook for messages that begin with the word, in the first team. */
import { list, text } from '../sources/reading.ts'
import type { Connector } from './connector.ts'
import type { Tool } from './tool.ts'

const WORD = 'summoner'
const TITLE = 'Summoner'

export const mattermost: Connector = {
  service: 'mattermost',
  async register({ url, base, kept }, { ask }) {
    const { headers } = await ask('POST', '/api/v4/users/login', {
      json: { login_id: kept['MATTERMOST_ADMIN_USER'], password: kept['MATTERMOST_ADMIN_PASSWORD'] },
    })
    const authorization = `Bearer ${String(headers['token'])}`
    const call: Tool['ask'] = async (method, path, question) =>
      ask(method, `/api/v4${path}`, { ...question, headers: { authorization } })
    try {
      const name = kept['MATTERMOST_TEAM'] ?? ''
      const team = text((await call('GET', `/teams/name/${encodeURIComponent(name)}`)).body, 'id') ?? ''
      const commands = list((await call('GET', `/commands?team_id=${team}&custom_only=true`)).body)
      const hooks = list((await call('GET', `/hooks/outgoing?team_id=${team}&per_page=200`)).body)
      // a team has each command once, so the former one goes first
      for (const old of commands)
        if (text(old, 'url')?.startsWith(base)) await call('DELETE', `/commands/${text(old, 'id')}`)
      const command = {
        team_id: team,
        trigger: WORD,
        method: 'P',
        url,
        display_name: TITLE,
        auto_complete: true,
        auto_complete_desc: 'Tells Summoner, whose recipes decide what follows',
        auto_complete_hint: '[words]',
      }
      const outgoing = {
        team_id: team,
        display_name: TITLE,
        trigger_words: [WORD],
        trigger_when: 0,
        callback_urls: [url],
        content_type: 'application/json',
      }
      const made = [
        await call('POST', '/commands', { json: command }),
        await call('POST', '/hooks/outgoing', { json: outgoing }),
      ]
      for (const old of hooks)
        if (list(old, 'callback_urls').some((one) => typeof one === 'string' && one.startsWith(base)))
          await call('DELETE', `/hooks/outgoing/${text(old, 'id')}`)
      return {
        secrets: made.flatMap(({ body }) => text(body, 'token') ?? []),
        note: `In the team ${name}, /${WORD} and messages in public channels that begin with "${WORD}" come here.`,
      }
    } finally {
      await call('POST', '/users/logout').catch(() => {})
    }
  },
}
