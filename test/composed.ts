/** The application as it is composed, never started: its routes with their roles, which a running daemon does not tell of itself. */
import { join } from 'node:path'
import { createApp } from '../server/app.ts'
import { readEnvironment } from '../server/config/environment.ts'
import { createLogger } from '../server/http/logger.ts'
import type { Box } from './box.ts'

export async function composedFor(box: Pick<Box, 'configFile' | 'dir'>, dataDir: string) {
  const { http } = await createApp({
    environment: readEnvironment({
      SUMMONER_SETTINGS: '/dev/null',
      SUMMONER_CONFIG_FILE: box.configFile,
      SUMMONER_DATA_DIR: dataDir,
      MINIONS_DIR: join(box.dir, 'minions'),
    }),
    logger: createLogger({ level: 'silent' }),
  })
  await http.ready()
  return http
}
