import { hidden, type Visitor } from '../visitor.ts'
import { WORDS, type Level } from './level.ts'

export const adminer: Level = {
  async front(t, visitor) {
    const { status, body } = await visitor.get('/')
    t.equal(status, 200)
    t.match(body, /<title>Login - Adminer<\/title>/)
    t.match(body, /name="auth\[server\]" value="mariadb"/)
  },
  async signIn(t, visitor, { user, password }) {
    const form = { 'auth[driver]': 'server', 'auth[server]': 'mariadb', 'auth[username]': user }
    const wrong = visitor.another()
    await wrong.post('/', { ...form, 'auth[password]': 'wrong', 'auth[db]': 'main' })
    t.equal((await wrong.get(database(user))).status, 403, 'another password is refused')
    const answer = await visitor.post('/', { ...form, 'auth[password]': password, 'auth[db]': 'main' })
    t.equal(answer.status, 302)
    t.match((await visitor.get(database(user))).body, /Create table/)
  },
  write: async (t, visitor, { user }) => {
    await query(
      visitor,
      user,
      `CREATE TABLE notes (note varchar(200)); INSERT INTO notes VALUES ('${WORDS}')`,
    )
  },
  async read(t, visitor, { user }) {
    t.match(await query(visitor, user, 'SELECT note FROM notes'), WORDS)
  },
}
const database = (user: string) => `/?server=mariadb&username=${user}&db=main`
async function query(visitor: Visitor, user: string, sql: string): Promise<string> {
  const path = `${database(user)}&sql=`
  const token = hidden((await visitor.get(path)).body, 'token')
  return (await visitor.post(path, { query: sql, token, limit: '' })).body
}
