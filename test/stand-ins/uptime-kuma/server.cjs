// louislam/uptime-kuma:2: port 3001, /app/data with SQLite, accounts over socket.io, notifications as webhooks.
const http = require('node:http')
const { Server } = require('node:module').createRequire('/app/')('socket.io')
const { DatabaseSync } = require('node:sqlite')
const { randomBytes, scryptSync, timingSafeEqual } = require('node:crypto')

if (process.env.UPTIME_KUMA_DB_TYPE !== 'sqlite') {
  console.error('the set-up page of the database is open to the first comer')
  process.exit(1)
}
const db = new DatabaseSync('/app/data/kuma.db')
db.exec('CREATE TABLE IF NOT EXISTS user (id INTEGER PRIMARY KEY, username TEXT UNIQUE, password TEXT)')
db.exec('CREATE TABLE IF NOT EXISTS monitor (id INTEGER PRIMARY KEY, name TEXT, url TEXT)')
db.exec('CREATE TABLE IF NOT EXISTS notification (id INTEGER PRIMARY KEY, name TEXT, url TEXT, headers TEXT)')

const hashed = (password, salt = randomBytes(12).toString('hex')) =>
  `${salt}$${scryptSync(password, salt, 32).toString('hex')}`
const matches = (password, stored) =>
  timingSafeEqual(Buffer.from(hashed(password, stored.split('$')[0])), Buffer.from(stored))

const FRONT = '<title>Stand-in for Uptime Kuma</title><h1>This is not Uptime Kuma</h1>'
const server = http.createServer((request, response) => {
  const path = request.url.split('?')[0]
  const page = path === '/' || path === '/dashboard'
  const entry = path === '/api/entry-page'
  response.writeHead(page || entry ? 200 : 404, { 'content-type': page ? 'text/html' : 'application/json' })
  response.end(
    page
      ? FRONT
      : JSON.stringify(entry ? { type: 'entryPage', entryPage: 'dashboard' } : { message: 'not found' }),
  )
})

const accounts = () => db.prepare('SELECT COUNT(*) AS n FROM user').get().n
function setUp(name, password) {
  if (accounts() > 0) return { ok: false, msg: 'Uptime Kuma has been initialized.' }
  if (!/[a-z]/i.test(password) || !/\d/.test(password) || password.length < 6)
    return { ok: false, msg: 'Password is too weak. It should contain alphabetic and numeric characters.' }
  db.prepare('INSERT INTO user (username, password) VALUES (?, ?)').run(name, hashed(password))
  return { ok: true, msg: 'successAdded' }
}

new Server(server).on('connection', (socket) => {
  let user
  const members = (work) => (user ? work() : { ok: false, msg: 'You are not logged in.' })
  socket.on('needSetup', (answer) => answer(accounts() === 0))
  socket.on('setup', (name, password, answer) => answer(setUp(name, password)))
  socket.on('login', ({ username, password }, answer) => {
    const row = db.prepare('SELECT * FROM user WHERE username = ?').get(username)
    user = row && matches(password, row.password) ? row : undefined
    answer(user ? { ok: true, token: 'x' } : { ok: false, msg: 'authIncorrectCreds' })
  })
  socket.on('add', ({ name, url }, answer) =>
    answer(
      members(() => {
        const added = db.prepare('INSERT INTO monitor (name, url) VALUES (?, ?)').run(name, url)
        return { ok: true, monitorID: Number(added.lastInsertRowid) }
      }),
    ),
  )
  socket.on('getMonitorList', (answer) =>
    answer(
      members(() => {
        const rows = db.prepare('SELECT id, name, url FROM monitor').all()
        socket.emit('monitorList', Object.fromEntries(rows.map((row) => [row.id, row])))
        return { ok: true }
      }),
    ),
  )
})
server.listen(3001, () => console.log('stand-in for uptime-kuma on port 3001'))
process.on('SIGTERM', () => process.exit(0))
