import { hidden } from '../visitor.ts'
import { basic, WORDS, type Level } from './level.ts'

export const redmine: Level = {
  async front(t, visitor) {
    const { status, body } = await visitor.get('/login')
    t.equal(status, 200)
    t.match(body, /<meta name="description" content="Redmine"/)
  },
  async signIn(t, visitor, { user, password }) {
    const form = async (word: string) => {
      const token = hidden((await visitor.get('/login')).body, 'authenticity_token')
      return visitor.post('/login', { authenticity_token: token, username: user, password: word })
    }
    t.equal((await form('admin')).status, 200, 'the password that every Redmine starts with is refused')
    t.equal((await form(password)).status, 302)
    t.match((await visitor.get('/admin')).body, /admin-menu/)
  },
  async write(t, visitor, account) {
    const headers = { ...basic(account), 'content-type': 'application/json' }
    const project = JSON.stringify({ project: { name: 'Notes', identifier: 'notes' } })
    t.equal((await visitor.post('/projects.json', project, headers)).status, 201)
    const issue = JSON.stringify({ issue: { project_id: 'notes', subject: WORDS } })
    t.equal((await visitor.post('/issues.json', issue, headers)).status, 201, 'trackers and roles are there')
  },
  async read(t, visitor) {
    t.match((await visitor.get('/issues/1')).body, WORDS)
  },
}
