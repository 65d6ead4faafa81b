/** The Docker registry: several events in a body, each with its id; layers are left out, images with a tag count. */
import { list, text } from './reading.ts'
import type { Said, SourceType } from './source.ts'
import { staticHeader } from './verify.ts'
import type { EventWord } from './vocabulary.ts'

const DONE: Record<string, EventWord> = {
  push: 'image.pushed',
  pull: 'image.pulled',
  delete: 'image.deleted',
}
const MOST = 200

export const registry: SourceType = {
  name: 'registry',
  title: 'Docker registry',
  accepts: ['json'],
  proves: true,
  verify: staticHeader,
  normalise: (body) =>
    list(body, 'events')
      .slice(0, MOST)
      .flatMap((event): Said[] => {
        const type = DONE[text(event, 'action') ?? '']
        const repository = text(event, 'target', 'repository')
        const tag = text(event, 'target', 'tag')
        if (type === undefined || repository === undefined) return []
        if (tag === undefined && type !== 'image.deleted') return []
        const name = tag === undefined ? repository : `${repository}:${tag}`
        return [
          {
            id: text(event, 'id'),
            type,
            actor: { name: text(event, 'actor', 'name') },
            title: `${name} was ${type.slice('image.'.length)}`,
            subject: name,
            url: text(event, 'target', 'url'),
            project: repository,
            time: text(event, 'timestamp'),
            data: {
              repository,
              tag,
              digest: text(event, 'target', 'digest'),
              host: text(event, 'request', 'host'),
            },
          },
        ]
      }),
  words: ['image.pushed', 'image.pulled', 'image.deleted'],
  steps: {
    en: 'In the registry’s config.yml below notifications > endpoints: name, url: the URL, headers: {Authorization: ["Bearer SECRET"]}, timeout 2s, threshold 5, backoff 10s, ignore: {mediatypes: [application/octet-stream], actions: [pull]}. Then restart it.',
    fr: 'Dans le config.yml du registre, sous notifications > endpoints : name, url : l’URL, headers : {Authorization: ["Bearer SECRET"]}, timeout 2s, threshold 5, backoff 10s, ignore : {mediatypes: [application/octet-stream], actions: [pull]}. Puis redémarrez-le.',
  },
}
