import type { BuiltImage } from '../../images/pushed-image.ts'
import type { PushedName } from '../../images/push-images.ts'
import type { Job } from '../../jobs/job.ts'
import type { Command, Context } from '../command.ts'
import { followJobs } from '../follow.ts'
import { reportFailures } from '../outcome.ts'
import { renderTable } from '../table.ts'
import { clean } from '../text.ts'
import { age, bytes } from '../units.ts'

export const images: Command = {
  name: 'images',
  summary: 'list the images that were built on this server, and which of them a registry keeps',
  examples: ['summoner images'],
  run: async ({ api, out, world }) => {
    const built = await api.list<BuiltImage>('/images', 'images')
    out.document({ images: built })
    if (built.length === 0) return out.line('No minion runs an image that was built here.')
    out.line(
      ...renderTable(
        [
          { title: 'MINION' },
          { title: 'SERVICE', optional: 2 },
          { title: 'IMAGE', min: 24 },
          { title: 'SIZE', align: 'right', optional: 1 },
          { title: 'PUSHED' },
        ],
        built.map(({ minion, service, reference, size, pushed }) => [
          minion,
          service,
          reference,
          size === undefined ? { text: 'not here', paint: out.style.yellow } : bytes(size),
          pushed ? `${pushed.registry}, ${age(pushed.at, world.now())}` : 'no',
        ]),
        out.width(),
        out.style,
      ),
    )
  },
}

const WHICH = {
  registry: { type: 'string', value: 'MINION', help: 'the registry, where there are several' },
} as const

export const imagesPush: Command = {
  name: 'images push',
  summary: 'push the images of minions that were built here to the private registry',
  arguments: [{ name: 'MINION', repeat: true, completes: 'minion' }],
  options: WHICH,
  examples: ['summoner images push site', 'summoner images push site wiki --registry registry'],
  run: (context) => carryOut('push', context, pushed),
}

export const imagesPull: Command = {
  name: 'images pull',
  summary: 'bring back pushed images that are not on this server any more',
  arguments: [{ name: 'MINION', repeat: true, completes: 'minion' }],
  options: WHICH,
  examples: ['summoner images pull site'],
  run: (context) => carryOut('pull', context, brought),
}

const pushed = (image: unknown) => {
  const { name, digest } = image as PushedName
  return `${clean(name)} is kept as ${clean(digest)}`
}
const brought = (image: unknown) => `${clean(String(image))} is here again`

async function carryOut(
  verb: 'push' | 'pull',
  context: Context,
  words: (image: unknown) => string,
): Promise<number> {
  const { args, api, options, out } = context
  const registry = options.text('registry')
  const jobs: Job[] = []
  for (const minion of args) {
    const path = `/minions/${encodeURIComponent(minion)}/images/${verb}`
    jobs.push((await api.call<{ job: Job }>('POST', path, registry === undefined ? {} : { registry })).job)
  }
  const ended = await followJobs(jobs, context)
  out.document({ jobs: ended })
  for (const job of ended) {
    if (job.state !== 'succeeded') continue
    const { images: done } = job.result as { images: unknown[] }
    for (const image of done) out.line(`${out.style.green('✔')} ${words(image)}.`)
    if (done.length === 0)
      out.line(`${out.style.green('✔')} Every image of ${clean(job.minion ?? '')} is here.`)
  }
  return reportFailures(ended, context)
}
