import type { Visitor } from '../visitor.ts'
import { WORDS, type Level } from './level.ts'

export const mediawiki: Level = {
  async front(t, visitor) {
    const { status, body } = await visitor.get('/index.php/Main_Page')
    t.equal(status, 200)
    t.match(body, /<meta name="generator" content="MediaWiki 1\.43/)
    t.not((await visitor.get('/mw-config/index.php')).status, 200, 'no installer is left open')
  },
  async signIn(t, visitor, { user, password }) {
    const login = async (word: string) => {
      const { tokens } = await api<Tokens>(visitor, { action: 'query', meta: 'tokens', type: 'login' })
      const form = { action: 'login', lgname: user, lgpassword: word, lgtoken: tokens?.logintoken ?? '' }
      return (await api<{ result: string }>(visitor, form, 'login')).result
    }
    t.equal(await login('wrong'), 'Failed', 'another password is refused')
    t.equal(await login(password), 'Success')
    const { userinfo } = await api<{ userinfo: { groups: string[] } }>(visitor, {
      action: 'query',
      meta: 'userinfo',
      uiprop: 'groups',
    })
    t.ok(userinfo.groups.includes('sysop'))
  },
  async write(t, visitor) {
    const { tokens } = await api<Tokens>(visitor, { action: 'query', meta: 'tokens' })
    const form = { action: 'edit', title: 'Notes', text: WORDS, token: tokens?.csrftoken ?? '' }
    t.equal((await api<{ result: string }>(visitor, form, 'edit')).result, 'Success')
  },
  async read(t, visitor) {
    t.match((await visitor.get('/index.php/Notes')).body, WORDS)
  },
}
interface Tokens {
  tokens?: { logintoken?: string; csrftoken?: string }
}
async function api<T>(visitor: Visitor, form: Record<string, string>, part = 'query'): Promise<T> {
  const { body } = await visitor.post('/api.php', { ...form, format: 'json' })
  return (JSON.parse(body) as Record<string, T>)[part] as T
}
