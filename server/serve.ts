/** A running daemon: application, sockets, a clean end. */
import { createApp } from './app.ts'
import { directories, type Environment } from './config/environment.ts'
import { asSummonerError } from './errors.ts'
import { groupId, listen } from './http/listen.ts'
import { createLogger } from './http/logger.ts'

export async function serve(environment: Environment): Promise<void> {
  const logger = createLogger({ level: environment.logLevel })
  const app = await createApp({ environment, logger })
  try {
    await app.observe()
  } catch (error) {
    const { code, message, hint, at, errors } = asSummonerError(error)
    if (code === 'internal') throw error
    logger.fatal({ code, at, errors }, `${message} ${hint}`)
    process.exit(1)
  }
  const sockets = await listen(app.http, {
    directories: directories(environment.dataDir),
    group: groupId('summoner'),
  })
  await app.work()
  logger.info('Summoner is ready.')

  let ending = false
  for (const signal of ['SIGTERM', 'SIGINT'] as const)
    process.on(signal, () => {
      if (ending) return
      ending = true
      logger.info(`${signal}: stopping.`)
      void sockets
        .close()
        .then(() => app.stop())
        .then(
          () => process.exit(0),
          (error: unknown) => {
            logger.error({ err: error }, 'Not stopped cleanly.')
            process.exit(1)
          },
        )
    })
  process.on('unhandledRejection', (error) => logger.error({ err: error }, 'A promise was left alone.'))
}
