/** The process: what must be set before the code is loaded, then the daemon. */
import { enableCompileCache } from 'node:module'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { readEnvironment } from './config/environment.ts'

const environment = readEnvironment()
// a daemon that mostly waits: the start would blow the young generation up to 32 MB, which stay for ever
setFlagsFromString('--semi-space-growth-factor=1')
// in a folder of root's own: the default lies in /tmp, where anybody may write
enableCompileCache(join(environment.dataDir, 'state/compile-cache'))
// only what is loaded from here on comes from the cache
const { serve } = await import('./serve.ts')
// `--compile` only fills the cache: a daemon that finds everything there never loads the compiler, 25 MB for good
if (process.argv.includes('--compile')) await import('./certificates/sign.ts')
else await serve(environment)
