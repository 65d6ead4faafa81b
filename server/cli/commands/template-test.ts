/** `template test`: a template is really run, as a person would, and gets a level. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Job } from '../../jobs/job.ts'
import type { Minion } from '../../minions/minion.ts'
import type { TemplateDescription } from '../../templates/template.ts'
import type { Command, Context } from '../command.ts'
import { followJobs } from '../follow.ts'
import { cataloguePage, mergeResults } from '../level/catalogue-page.ts'
import { LEVELS, type LevelResult } from '../level/level-result.ts'
import { createPerson } from '../level/person.ts'
import { runSteps, type StepWorld } from '../level/steps.ts'
import { complaintOf } from '../outcome.ts'
import { clean } from '../text.ts'
import { pairs } from './add.ts'
import type { MinionSecrets } from './secrets.ts'

const WORDS = 'note of the first visit, été'
const MIB = 1024 * 1024

/** Ends the try; what it showed until then stands. */
class Failed extends Error {}

export const templateTest: Command = {
  name: 'template test',
  summary: 'run a template for real: summon, sign in, write, dismiss, summon again, read',
  details:
    'Works on a minion of its own, whose data is deleted at the end. The level is 0 to 4; docs/catalogue.md says what each means.',
  arguments: [{ name: 'TEMPLATE', completes: 'template' }],
  options: {
    name: { type: 'string', value: 'NAME', help: 'name of the minion (TEMPLATE-test)' },
    env: { type: 'string', value: 'KEY=VALUE', multiple: true, help: 'an input of the template' },
    grant: { type: 'string', value: 'NAME', multiple: true, help: 'allow a power the template asks for' },
    images: { type: 'string', values: ['auto', 'registry', 'distro'], help: 'where images come from' },
    as: { type: 'string', value: 'KIND', help: 'what to call the images in the record' },
    record: { type: 'boolean', help: 'write the result into docs/catalogue.md of this checkout' },
  },
  examples: [
    'summoner template test dokuwiki',
    'summoner template test portainer --grant docker.sock --record',
  ],
  run: async (context) => {
    const [template = ''] = context.args
    const { api, out, options, world } = context
    const name = options.text('name') ?? `${template}-test`.slice(0, 40)
    const { description } = await api.call<{ description: TemplateDescription }>(
      'GET',
      `/templates/${encodeURIComponent(template)}`,
    )
    const result: LevelResult = {
      template,
      version: '',
      level: 0,
      images: options.text('as') ?? '',
      at: new Date(world.now()).toISOString(),
      memory: { declared: description.resources.memory, seen: 0 },
    }
    try {
      await tryOut({ template, name, description, result, context })
    } catch (error) {
      if (!(error instanceof Failed)) throw error
      result.why = error.message
    } finally {
      await job('DELETE', `/minions/${encodeURIComponent(name)}?purge=true`, undefined, context).catch(
        () => undefined,
      )
    }
    if (options.flag('record'))
      record(result, await api.list<{ name: string }>('/templates', 'templates'), world.home)
    out.document(result)
    const paint = result.why ? out.style.yellow : out.style.green
    out.line('', `${paint(`Level ${result.level}`)} ${clean(template)}: ${LEVELS[result.level] ?? ''}.`)
    if (result.why) out.line(`  ${clean(result.why)}`)
    return result.why ? 1 : 0
  },
}

interface Trial {
  template: string
  name: string
  description: TemplateDescription
  result: LevelResult
  context: Context
}

async function tryOut({ template, name, description, result, context }: Trial): Promise<void> {
  const { api, options } = context
  const minion = `/minions/${encodeURIComponent(name)}`
  const summon = async () => {
    const images = options.text('images')
    const body = {
      template,
      name,
      env: pairs(options.list('env'), 'env'),
      grants: options.list('grant'),
      ...(images ? { images } : {}),
    }
    await mustSucceed(await job('POST', '/minions', body, context))
    return api.call<Minion>('GET', minion)
  }
  const check = await api.call<{ ok: boolean; findings: { detail: string; level: string }[] }>(
    'GET',
    `/templates/${encodeURIComponent(template)}/check`,
  )
  if (!check.ok) throw new Failed(check.findings[0]?.detail ?? 'not valid')
  result.level = 1

  const first = await summon()
  result.level = 2
  result.version = versionOf(description, first)
  result.images ||= first.images === 'distro' ? 'distribution build' : 'registry'
  const { level } = description
  if (!level || !first.url) {
    await mustSucceed(await job('DELETE', minion, undefined, context))
    await summon()
    await measure(result, minion, context)
    if (description.web?.length)
      throw new Failed('the template says under "level" neither how to sign in nor what to write')
    // Nobody can visit it; its own health check is what it can show.
    result.level = 4
    result.remark = 'has no page: healthy, and healthy again with its data'
    return
  }
  const visitor = await visitorOf(first.url, minion, context)
  await must(runSteps(level.sign_in, visitor))
  await must(runSteps(level.write ?? [], visitor))
  result.level = 3
  await measure(result, minion, context)
  await mustSucceed(await job('DELETE', minion, undefined, context))
  await summon()
  const again = await visitorOf(first.url, minion, context)
  if (again.variables['PASSWORD'] !== visitor.variables['PASSWORD'])
    throw new Failed('the administrator has another password after it was summoned again')
  Object.assign(again.variables, visitor.variables)
  await must(runSteps(level.sign_in, again))
  if (!level.read) throw new Failed('the template does not say under "level" what to read again')
  await must(runSteps(level.read, again))
  result.level = 4
}

async function visitorOf(address: string, minion: string, { api }: Context): Promise<StepWorld> {
  const { admin } = await api.call<Partial<MinionSecrets>>('GET', `${minion}/secrets`)
  const url = new URL(address)
  return {
    person: createPerson(url),
    stranger: () => createPerson(url),
    variables: {
      USER: admin?.user ?? '',
      PASSWORD: admin?.password ?? '',
      WORDS,
      URL: url.origin,
      HOST: url.hostname,
    },
  }
}

async function measure(result: LevelResult, minion: string, { api }: Context): Promise<void> {
  const containers = await api.call<{ memory?: number }[]>('GET', `${minion}/stats`)
  const bytes = containers.reduce((sum, { memory }) => sum + (memory ?? 0), 0)
  result.memory.seen = Math.round(bytes / MIB)
}

async function job(method: string, path: string, body: unknown, context: Context): Promise<Job> {
  const answer = await context.api.call<{ job: Job }>(method, path, body)
  const [ended = answer.job] = await followJobs([answer.job], context)
  return ended
}

async function mustSucceed(ended: Job): Promise<void> {
  const complaint = complaintOf(ended)
  if (complaint) throw new Failed(`${ended.kind}: ${complaint.detail ?? complaint.title}`)
}

async function must(steps: Promise<string | undefined>): Promise<void> {
  const why = await steps.catch((error: unknown) => (error as Error).message)
  if (why !== undefined) throw new Failed(why)
}

/** Of the image that carries the application's name; what faces the web may be a door of nginx. */
function versionOf({ name, images, web }: TemplateDescription, { images: source }: Minion): string {
  const own = Object.entries(images).find(([, { repository }]) => repository.includes(name))?.[0]
  const service = own ?? web?.[0]?.service ?? Object.keys(images)[0] ?? ''
  const image = images[service]
  return (source === 'distro' ? image?.distro?.version : image?.tag) ?? ''
}

function record(result: LevelResult, templates: { name: string }[], home: string): void {
  const file = join(home, 'docs/catalogue.json')
  const known = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as LevelResult[]) : []
  const results = mergeResults(known, result)
  writeFileSync(file, `${JSON.stringify(results, null, 2)}\n`)
  const names = templates.map(({ name }) => name)
  writeFileSync(join(home, 'docs/catalogue.md'), cataloguePage(results, names))
}
