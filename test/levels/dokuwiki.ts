import { hidden } from '../visitor.ts'
import { WORDS, type Level } from './level.ts'

export const dokuwiki: Level = {
  async front(t, visitor) {
    const { status, body } = await visitor.get('/')
    t.equal(status, 200)
    t.match(body, /<meta name="generator" content="DokuWiki"/)
    t.notMatch((await visitor.get('/install.php')).body, /Installer/, 'no installer is left open')
    t.equal((await visitor.get('/inc/init.php')).status, 403)
    t.notOk((await visitor.get('/start?do=edit')).body.includes('name="wikitext"'), 'a visitor may not write')
  },
  async signIn(t, visitor, { user, password }) {
    const form = async (word: string) => {
      const sectok = hidden((await visitor.get('/start?do=login')).body, 'sectok')
      return visitor.post('/start?do=login', { sectok, id: 'start', do: 'login', u: user, p: word })
    }
    t.notMatch((await form('wrong')).body, /do=admin/, 'another password is refused')
    await form(password)
    t.match((await visitor.get('/start')).body, /do=admin/)
  },
  async write(t, visitor) {
    const { body } = await visitor.get('/notes?do=edit')
    const fields = Object.fromEntries(
      ['sectok', 'id', 'rev', 'date', 'prefix', 'suffix', 'changecheck', 'target'].map((name) => [
        name,
        hidden(body, name),
      ]),
    )
    const saved = await visitor.post('/notes?do=edit', { ...fields, wikitext: WORDS, 'do[save]': '1' })
    t.equal(saved.status, 302)
    t.match(saved.headers['location'], `${visitor.origin}/notes`)
  },
  async read(t, visitor) {
    t.match((await visitor.get('/notes')).body, WORDS)
  },
}
