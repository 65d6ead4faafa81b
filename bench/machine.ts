/** Where and with what a figure was measured. */
import { cpus, loadavg, release, totalmem } from 'node:os'
import { program } from './program.ts'

export interface Machine {
  cpu: string
  cores: number
  memoryMiB: number
  kernel: string
  /** Of the last minute, before the figure began: above the number of cores, others were at work too. */
  load: number
}

export interface Versions {
  summoner: string
  node: string
  engine: string
  compose: string
  nginx: string
}

export const machine = (): Machine => ({
  cpu: cpus()[0]?.model ?? 'unknown',
  cores: cpus().length,
  memoryMiB: Math.round(totalmem() / 1024 ** 2),
  kernel: release(),
  load: Number((loadavg()[0] ?? 0).toFixed(2)),
})

export async function versions(): Promise<Versions> {
  return {
    summoner: await commit(),
    node: process.version,
    engine: await said('docker', ['version', '--format', '{{.Server.Version}}']),
    compose: await said('docker', ['compose', 'version', '--short']),
    nginx: await nginx(),
  }
}

async function commit(): Promise<string> {
  const hash = await said('git', ['-C', import.meta.dirname, 'rev-parse', '--short', 'HEAD'])
  const changed = await said('git', ['-C', import.meta.dirname, 'status', '--porcelain', '--', '../server'])
  return changed === '' ? hash : `${hash} with changes`
}

/** Of the newest proxy image: the one that the figure has just used. */
async function nginx(): Promise<string> {
  const list = await said('docker', ['images', '--format', '{{.ID}}', 'summoner/nginx-nginx'])
  const image = list.split('\n')[0]
  if (!image) return 'none'
  const shell = ['run', '--rm', '--network', 'none', '--entrypoint', 'sh', image, '-c', 'nginx -v 2>&1']
  return (await said('docker', shell)).replace(/^.*nginx\//, '')
}

const said = async (name: string, args: string[]): Promise<string> =>
  (await program(name, args).catch(() => 'unknown')).trim()
