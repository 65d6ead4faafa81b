/** What an imported template is called. */
import { NAME, isReserved } from '../../config/config.ts'
import { BUILT_IN } from '../built-in.ts'
import { textOf } from '../plain.ts'
import { slug } from './draft.ts'
import type { Findings } from './findings.ts'
import { splitReference } from './image.ts'
import { knownImage } from './known-images.ts'
import type { ImportInput } from './report.ts'
import { isRecord, type Source } from './source.ts'

/** The name given, else the file's own, else that of the service that is no database. */
export function nameOf(input: ImportInput, source: Source, findings: Findings): string {
  const services = isRecord(source.value['services']) ? source.value['services'] : source.value
  const application = Object.entries(services).find(([, service]) => {
    const image = isRecord(service) ? textOf(service['image']) : ''
    return isRecord(service) && knownImage(splitReference(image).repository)?.engine === undefined
  })
  const given = input.name ?? input.answers['name']
  const derived = slug(textOf(source.value['name']) || (application?.[0] ?? 'imported'))
  const clean = /^[a-z]/.test(derived) ? derived : slug(`app-${derived}`)
  const problem = nameProblem(given ?? clean, input.taken)
  if (given !== undefined && problem === undefined) return given
  let free = slug(given ?? clean).replace(/^[^a-z]+/, '') || 'app'
  const base = free.slice(0, 36)
  for (let number = 2; nameProblem(free, input.taken) !== undefined; number += 1) free = `${base}-${number}`
  const text = 'What shall the template be called?'
  const answer = findings.ask([], {
    id: 'name',
    text: problem === undefined ? text : `${text} ${problem}`,
    options: [free],
    // A name that a person chose is never exchanged for another.
    default: given === undefined ? free : undefined,
    check: (name) => nameProblem(name, input.taken),
  })
  return answer ?? free
}

export function nameProblem(name: string, taken: readonly string[]): string | undefined {
  if (!new RegExp(NAME).test(name))
    return `“${name.slice(0, 60)}” is not made of small letters, digits and hyphens.`
  if (isReserved(name)) return `${name} is reserved.`
  return taken.includes(name) || BUILT_IN.has(name) ? `A template called ${name} exists.` : undefined
}
