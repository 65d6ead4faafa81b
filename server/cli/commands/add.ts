import type { Job } from '../../jobs/job.ts'
import type { Minion } from '../../minions/minion.ts'
import type { Command, Context } from '../command.ts'
import { followJobs } from '../follow.ts'
import { reportFailures } from '../outcome.ts'
import { Refusal, usageError } from '../refusal.ts'
import { clean } from '../text.ts'
import type { MinionSecrets } from './secrets.ts'

export const add: Command = {
  name: 'add',
  summary: 'summon a minion from a template',
  details: 'Only this minion is applied; other edits of config.yml wait for `summoner apply`.',
  arguments: [{ name: 'TEMPLATE', completes: 'template' }],
  options: {
    name: { type: 'string', value: 'NAME', help: 'name of the minion (the template)' },
    subdomain: { type: 'string', value: 'LABEL', help: 'sub-domain (the name); @ is the bare domain' },
    version: { type: 'string', value: 'TAG', help: 'another version than the pinned one' },
    images: { type: 'string', values: ['auto', 'registry', 'distro'], help: 'where images come from' },
    database: {
      type: 'string',
      values: ['dedicated', 'shared'],
      help: 'a server of its own, or a shared one',
    },
    env: { type: 'string', value: 'KEY=VALUE', multiple: true, help: 'an input of the template' },
    grant: { type: 'string', value: 'NAME', multiple: true, help: 'allow a power the template asks for' },
  },
  examples: [
    'summoner add wordpress',
    'summoner add wordpress --name site --subdomain @',
    'summoner add nextcloud --name cloud --env PHP_MEMORY_LIMIT=1G',
  ],
  run: async (context) => {
    const { args, api, options, out } = context
    const { job, minion } = await api.call<{ job: Job; minion: string }>('POST', '/minions', {
      template: args[0],
      ...given(options, ['name', 'subdomain', 'version', 'images', 'database']),
      env: pairs(options.list('env'), 'env'),
      grants: options.list('grant'),
    })
    out.line(`Summoning ${out.style.bold(clean(minion))}`)
    const [ended = job] = await followJobs([job], context)
    if (ended.state !== 'succeeded') {
      out.document({ job: ended, minion })
      const code = reportFailures([ended], context)
      if (await isWished(minion, context))
        out.note(
          `  ${clean(minion)} stays in config.yml. Once that is mended: summoner apply ${clean(minion)}`,
          `  To take it out again: summoner remove ${clean(minion)}`,
        )
      return code
    }
    const now = await api.call<Minion>('GET', `/minions/${encodeURIComponent(minion)}`)
    const admin = await firstAdministrator(now.name, context)
    out.document({ job: ended, minion: now, ...(admin ? { admin } : {}) })
    out.line('', `${out.style.green('✔')} ${clean(now.name)} runs${now.url ? ` at ${clean(now.url)}` : ''}`)
    if (now.status === 'degraded' && now.reason) out.line(`  ${out.style.yellow('▲')} ${clean(now.reason)}`)
    if (admin)
      out.line(
        '',
        `  User      ${clean(admin.user)}`,
        `  Password  ${clean(admin.password)}`,
        `  Sign in   ${clean(admin.url)}`,
        out.style.dim(`  Shown again by \`summoner secrets ${now.name}\`.`),
      )
    return 0
  },
}

/** A job may fail before it has written the entry. */
async function isWished(name: string, { api }: Context): Promise<boolean> {
  try {
    return (await api.call<Minion>('GET', `/minions/${encodeURIComponent(name)}`)).desired !== 'absent'
  } catch (error) {
    if (error instanceof Refusal) return false
    throw error
  }
}

/** Administrators only; others are told nothing, and the summon still counts. */
async function firstAdministrator(name: string, { api, out }: Context) {
  try {
    const { admin } = await api.call<MinionSecrets>('GET', `/minions/${encodeURIComponent(name)}/secrets`)
    return admin
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    if (error.complaint.status === 403)
      out.note('The first password is shown to administrators only: `summoner secrets`.')
    return undefined
  }
}

function given(options: Context['options'], names: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = options.text(name)
      return value === undefined ? [] : [[name, value] as const]
    }),
  )
}

export function pairs(list: readonly string[], option: string): Record<string, string> {
  return Object.fromEntries(
    list.map((text) => {
      const at = text.indexOf('=')
      if (at < 1) throw usageError(`--${option} ${clean(text)} has no value`, `Write --${option} KEY=VALUE.`)
      return [text.slice(0, at), text.slice(at + 1)] as const
    }),
  )
}
