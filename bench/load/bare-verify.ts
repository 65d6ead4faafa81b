/** What any webhook receiver must do at least: one Fastify route that checks the signature of the raw body, and forgets. */
import { createHmac, timingSafeEqual } from 'node:crypto'
import Fastify from 'fastify'

const { socketPath, secret } = JSON.parse(process.argv[2] ?? '') as { socketPath: string; secret: string }
const app = Fastify()
app.removeAllContentTypeParsers()
app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) =>
  done(null, body),
)
app.post('/hook', async (request, reply) => {
  const given = Buffer.from(String(request.headers['x-hub-signature-256']))
  const made = Buffer.from(
    `sha256=${createHmac('sha256', secret)
      .update(request.body as Buffer)
      .digest('hex')}`,
  )
  const good = given.length === made.length && timingSafeEqual(given, made)
  return reply.code(good ? 202 : 401).send({})
})
await app.listen({ path: socketPath })
console.log('ready')
