/** A stack: minions of config.yml that are brought up, stopped and saved together. */
import { Type, type Static } from 'typebox'
import { SummonerError } from '../errors.ts'
import { readApplied } from './applied.ts'
import type { MinionDeps } from './deps.ts'

export const StackSumSchema = Type.Object({
  name: Type.String(),
  minions: Type.Array(
    Type.Object({
      name: Type.String(),
      template: Type.String(),
      memory: Type.Integer({ description: 'MiB it may take' }),
      usual: Type.Optional(
        Type.Integer({ description: 'MiB it takes in ordinary use, where that was measured' }),
      ),
      disk: Type.Integer({ description: 'MiB of images and first data' }),
      summoned: Type.Boolean(),
    }),
  ),
  memory: Type.Integer({ description: 'MiB, sum' }),
  disk: Type.Integer({ description: 'MiB still to come: of what was not summoned yet' }),
  host: Type.Object({
    memory: Type.Integer({ description: 'MiB of this server' }),
    free_disk: Type.Integer({ description: 'MiB free where volumes lie' }),
  }),
})
export type StackSum = Static<typeof StackSumSchema>

type StackDeps = Pick<MinionDeps, 'config' | 'catalog' | 'dirs' | 'hostSpace'>

export function stackMembers(name: string, { config }: Pick<MinionDeps, 'config'>): string[] {
  const { stacks } = config.read().config
  const members = Object.hasOwn(stacks, name) ? stacks[name] : undefined
  if (!members) throw new SummonerError('stack.unknown', `config.yml has no stack "${name}".`)
  return members
}

export async function sumOfStack(name: string, deps: StackDeps): Promise<StackSum> {
  const { applications, vsroot } = deps.config.read().config
  const members = new Set(stackMembers(name, deps))
  const minions = applications
    .filter((application) => members.has(application.name))
    .map(({ name: minion, template }) => {
      const { memory, usual, disk } = deps.catalog.get(template).description.resources
      return {
        name: minion,
        template,
        memory,
        ...(usual === undefined ? {} : { usual }),
        disk,
        summoned: readApplied(deps.dirs.records, minion) !== undefined,
      }
    })
  const sum = (values: number[]) => values.reduce((total, value) => total + value, 0)
  return {
    name,
    minions,
    memory: sum(minions.map(({ memory }) => memory)),
    disk: sum(minions.filter(({ summoned }) => !summoned).map(({ disk }) => disk)),
    host: await deps.hostSpace(vsroot),
  }
}
