/** Runs the steps that a template declares, one after another, each judged by what it expects. */
import type { LevelStep } from '../../templates/level.ts'
import { interpolate } from '../../templates/variables.ts'

export interface Reply {
  status: number
  headers: Record<string, string | string[] | undefined>
  body: string
}

/** One person: keeps the cookies of earlier answers. */
export interface Person {
  send(
    method: string,
    path: string,
    headers: Record<string, string>,
    body: string | undefined,
  ): Promise<Reply>
}

export interface StepWorld {
  person: Person
  /** Somebody else, without cookies. */
  stranger(): Person
  /** Grows by what steps keep. */
  variables: Record<string, string>
}

/** Why a step was not as expected; undefined when all were. */
export async function runSteps(steps: readonly LevelStep[], world: StepWorld): Promise<string | undefined> {
  for (const [index, step] of steps.entries()) {
    const why = await runStep(step, world)
    if (why !== undefined) return `step ${index + 1}, ${step.method ?? 'GET'} ${step.path}: ${why}`
  }
  return undefined
}

async function runStep(step: LevelStep, world: StepWorld): Promise<string | undefined> {
  const variables = step.as === 'wrong' ? { ...world.variables, PASSWORD: 'wrong-Word-1' } : world.variables
  const fill = (text: string) => interpolate(text, variables)
  const headers: Record<string, string> = Object.fromEntries(
    Object.entries(step.headers ?? {}).map(([name, value]) => [name.toLowerCase(), fill(value)]),
  )
  if (step.as === 'account') {
    const account = `${variables['USER'] ?? ''}:${variables['PASSWORD'] ?? ''}`
    headers['authorization'] = `Basic ${Buffer.from(account).toString('base64')}`
  }
  let body: string | undefined
  if (step.form) {
    body = new URLSearchParams(
      Object.entries(step.form).map(([name, value]): [string, string] => [name, fill(value)]),
    ).toString()
    headers['content-type'] ??= 'application/x-www-form-urlencoded'
  } else if (step.json !== undefined) {
    body = JSON.stringify(filled(step.json, fill))
    headers['content-type'] ??= 'application/json'
  } else if (step.text !== undefined) body = fill(step.text)
  const person = step.as === 'nobody' || step.as === 'wrong' ? world.stranger() : world.person
  const reply = await person.send(step.method ?? 'GET', fill(step.path), headers, body)
  return judge(step, reply, fill) ?? keep(step, reply, world.variables)
}

function judge(step: LevelStep, { status, body }: Reply, fill: (text: string) => string): string | undefined {
  const said = body.replaceAll(/\s+/g, ' ').slice(0, 200)
  if (!step.status.includes(status))
    return `it answered ${status} instead of ${step.status.join(' or ')}: ${said}`
  if (step.contains !== undefined && !body.includes(fill(step.contains)))
    return `the answer lacks "${fill(step.contains)}": ${said}`
  if (step.lacks !== undefined && body.includes(fill(step.lacks)))
    return `the answer should not contain "${fill(step.lacks)}"`
  return undefined
}

function keep(
  step: LevelStep,
  { headers, body }: Reply,
  variables: Record<string, string>,
): string | undefined {
  const head = Object.entries(headers).flatMap(([name, value]) =>
    [value ?? []].flat().map((line) => `${name}: ${line}`),
  )
  const text = `${head.join('\n')}\n\n${body}`
  for (const [name, pattern] of Object.entries(step.keep ?? {})) {
    const found = new RegExp(pattern, 'm').exec(text)
    if (!found) return `nothing in the answer matches ${pattern}`
    variables[name] = (found[1] ?? found[0]).replaceAll('&amp;', '&')
  }
  return undefined
}

function filled(value: unknown, fill: (text: string) => string): unknown {
  if (typeof value === 'string') return fill(value)
  if (Array.isArray(value)) return value.map((inner) => filled(inner, fill))
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, filled(inner, fill)]))
}
