/** The daemon's log: JSON lines, credentials blacked out wherever a header or a token could slip in. */
import type { FastifyBaseLogger } from 'fastify'
import { pino, type DestinationStream } from 'pino'

const CREDENTIALS = ['authorization', 'cookie', 'set-cookie', 'password', 'secret', 'token']

export function createLogger(options: { level: string; stream?: DestinationStream }): FastifyBaseLogger {
  return pino(
    {
      level: options.level,
      redact: {
        paths: CREDENTIALS.flatMap((key) => [`["${key}"]`, `*["${key}"]`, `*.headers["${key}"]`]),
        censor: '[hidden]',
      },
    },
    options.stream ?? pino.destination(1),
  )
}
