/** Desired and observed, joined to one word and one sentence; pure. */
import type { Container } from '../docker/container.ts'
import type { Job } from '../jobs/job.ts'
import type { Applied } from './applied.ts'
import type { MinionStatus } from './minion.ts'

export interface StatusInput {
  desired: 'running' | 'stopped' | 'absent'
  applied: Applied | undefined
  containers: readonly Container[]
  /** false while the engine does not answer: then nothing is known of containers. */
  engineAnswers: boolean
  /** From the monitor: restarts kept coming. */
  crashLooping: boolean
  /** Last sentence of the proxy or certificate about this minion, when it is not served as wished. */
  degradedBy: string | undefined
  activeJob: Job | undefined
  lastJob: Job | undefined
  /** Why the entry of config.yml cannot be rendered. */
  problem: string | undefined
}

export function statusOf(input: StatusInput): { status: MinionStatus; reason?: string } {
  const { problem, applied, containers } = input
  if (problem === undefined) return verdictOf(input)
  const reason = `config.yml: ${problem}`
  if (!applied || containers.length === 0) return { status: 'failed', reason }
  // what was brought up before the wrong entry goes on running
  return { reason, ...verdictOf(input) }
}

function verdictOf(input: StatusInput): { status: MinionStatus; reason?: string } {
  const { desired, applied, containers, activeJob, lastJob } = input
  const oneshots = new Set(applied?.services.filter(({ oneshot }) => oneshot).map(({ service }) => service))
  const lasting = containers.filter(({ service }) => !service || !oneshots.has(service))
  const up = lasting.filter(({ state }) => state === 'running')

  if (!input.engineAnswers) return { status: 'degraded', reason: 'The Docker engine does not answer.' }
  if (activeJob && activeJob.state === 'running') {
    const step = activeJob.steps.find(({ state }) => state === 'running')?.name
    const doing = step ? { reason: `${activeJob.kind}: ${step}` } : {}
    if (activeJob.kind === 'summon') return { status: applied?.ready ? 'updating' : 'starting', ...doing }
    if (activeJob.kind === 'start') return { status: 'starting', ...doing }
    if (activeJob.kind === 'restart' || activeJob.kind === 'dismiss') return { status: 'updating', ...doing }
    // at rest while it is copied
    if (['backup', 'restore'].includes(activeJob.kind) && up.length < lasting.length)
      return { status: 'updating', ...doing }
  }
  if (lasting.length === 0 || !applied) {
    if (desired === 'stopped') return { status: 'stopped' }
    if (lastJob?.state === 'failed' && desired === 'running')
      return { status: 'failed', reason: failure(lastJob) }
    if (lasting.length > 0) return { status: 'starting', reason: 'Not brought up to the end yet.' }
    return {
      status: 'absent',
      ...(desired === 'running' ? { reason: 'Not summoned yet: run `summoner apply`.' } : {}),
    }
  }
  if (desired !== 'running' && up.length === 0) return { status: 'stopped' }
  if (desired === 'running' && up.length === 0 && activeJob?.state === 'queued' && activeJob.kind === 'start')
    return { status: 'starting', reason: 'It waits for its turn to start.' }
  if (input.crashLooping) return { status: 'failed', reason: 'It keeps restarting: read its logs.' }
  const restarting = lasting.find(({ state }) => state === 'restarting')
  if (restarting)
    return {
      status: 'failed',
      reason: `${restarting.name} keeps restarting (exit code ${restarting.exitCode}).`,
    }
  const down = lasting.find(({ state }) => state !== 'running')
  if (down) {
    if (
      up.length === 0 &&
      lasting.every(
        ({ exitCode, state, starved }) => state === 'exited' && !starved && [0, 137, 143].includes(exitCode),
      )
    )
      return {
        status: 'stopped',
        ...(desired === 'running'
          ? {
              reason: `${lasting.some(isKilled) ? 'Killed or stopped' : 'Stopped'} by hand: \`summoner start\` brings it back.`,
            }
          : {}),
      }
    if (down.starved) return { status: 'failed', reason: `${down.name} ran out of memory.` }
    return { status: 'failed', reason: `${down.name} is ${down.state} (exit code ${down.exitCode}).` }
  }
  const missing = applied.services.find(
    ({ service, oneshot }) => !oneshot && !containers.some((container) => container.service === service),
  )
  if (missing)
    return {
      status: 'failed',
      reason: `The container of ${missing.service} is gone: \`summoner apply\` makes it again.`,
    }
  const sick = lasting.find(({ health }) => health === 'unhealthy')
  if (sick) return { status: 'degraded', reason: `${sick.name} is unhealthy.` }
  if (lasting.some(({ health }) => health === 'starting')) return { status: 'starting' }
  if (!applied.ready && lastJob?.state === 'failed') return { status: 'degraded', reason: failure(lastJob) }
  if (input.degradedBy) return { status: 'degraded', reason: input.degradedBy }
  return { status: 'running' }
}

function failure(job: Job): string {
  const step = job.steps.find(({ state }) => state === 'failed')?.name
  return `${job.kind}${step ? `, ${step}` : ''}: ${job.problem?.detail ?? 'no reason was recorded'}`
}

/** A stop that took too long ends so as well. */
const isKilled = ({ exitCode }: Container): boolean => exitCode === 137
