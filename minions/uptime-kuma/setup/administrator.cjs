// Its first page takes the first comer for the administrator; this is the first comer. Exit 0 when there is an account.
const { io } = require('node:module').createRequire('/app/')('socket.io-client')
const { ADMIN_USER, ADMIN_PASSWORD } = process.env

const socket = io('http://127.0.0.1:3001', { reconnection: false, timeout: 20_000 })
const end = (code, why) => {
  console[code === 0 ? 'log' : 'error'](`administrator: ${why}`)
  process.exit(code)
}
setTimeout(() => end(1, 'no answer within a minute'), 60_000)
socket.on('connect_error', (error) => end(1, error.message))
socket.on('connect', () => {
  socket.emit('needSetup', (needed) => {
    if (!needed) end(0, 'there is an account.')
    socket.emit('setup', ADMIN_USER, ADMIN_PASSWORD, ({ ok, msg }) => end(ok ? 0 : 1, String(msg)))
  })
})
