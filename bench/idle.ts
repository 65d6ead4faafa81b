/** What the daemon costs while nothing happens, beside the engine's own cost. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Figure } from './figure.ts'
import { numbered, summonTogether, withBox } from './own-box.ts'
import { program } from './program.ts'

const SECONDS = 60
/** Of /proc: the kernel reports in hundredths of a second on every architecture we run on. */
const TICKS_PER_SECOND = 100

export const idle: Figure = {
  name: 'idle',
  title: 'The daemon idle, 20 minions',
  rounds: 1,
  async run({ scale, say }) {
    // as install.sh does before every start of new code
    const main = join(import.meta.dirname, '../server/main.ts')
    const cache = join(import.meta.dirname, '../.runtime/compile-cache')
    await program(process.execPath, [main, '--compile'], {
      env: { HOME: '/root', NODE_COMPILE_CACHE: cache },
    })
    return withBox(async (box) => {
      await summonTogether(box, 'statik', numbered('site', Math.ceil(20 * scale)))
      const worked = await observe(box.pid(), SECONDS * scale)
      say(`after its work: ${worked.megabytes.toFixed(0)} MB, ${worked.percent.toFixed(2)} %`)
      await box.kill('SIGTERM')
      await box.boot()
      await sleep(10_000 * scale)
      const engine = Number((await program('pidof', ['-s', 'dockerd']).catch(() => '0')).trim())
      const [fresh, dockerd] = await Promise.all([
        observe(box.pid(), SECONDS * scale),
        engine > 0 ? observe(engine, SECONDS * scale) : undefined,
      ])
      say(`freshly started: ${fresh.megabytes.toFixed(0)} MB, ${fresh.percent.toFixed(2)} %`)
      return {
        measures: [
          {
            what: 'memory (RSS) after summoning 20',
            value: worked.megabytes,
            unit: 'MB',
            atMost: 150,
          },
          { what: 'processor, of one core', value: worked.percent, unit: '%', atMost: 1 },
          { what: 'memory (RSS) freshly started', value: fresh.megabytes, unit: 'MB', atMost: 150 },
          { what: 'processor, freshly started', value: fresh.percent, unit: '%', atMost: 1 },
          ...(dockerd
            ? [
                {
                  what: 'daemon / dockerd, memory',
                  value: fresh.megabytes / dockerd.megabytes,
                  unit: 'x' as const,
                },
                {
                  what: 'daemon / dockerd, processor',
                  value: fresh.percent / dockerd.percent,
                  unit: 'x' as const,
                },
              ]
            : []),
        ],
        notes: [
          `From /proc over ${SECONDS} s: 20 static sites whose health the engine checks every 5 s, and nginx; nobody asks.`,
          'By hand nothing would run but the engine, so dockerd over the same seconds stands beside it.',
        ],
      }
    })
  },
}

export async function observe(pid: number, seconds: number): Promise<{ megabytes: number; percent: number }> {
  const before = ticks(pid)
  const started = performance.now()
  await sleep(seconds * 1000)
  const spent = (ticks(pid) - before) / TICKS_PER_SECOND
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  const kilobytes = Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1])
  return {
    megabytes: (kilobytes * 1024) / 1e6,
    percent: (spent / ((performance.now() - started) / 1000)) * 100,
  }
}

/** User and system time: fields 14 and 15, counted behind the name, which may hold spaces. */
function ticks(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return Number(fields[11]) + Number(fields[12])
}
