/** From the engine's inspect answer to our `Container`; pure. */
import type Docker from 'dockerode'
import type { Container } from './container.ts'

const PROBE_SAID = 200

export function toContainer(info: Docker.ContainerInspectInfo): Container {
  const labels = info.Config.Labels ?? {}
  const running = info.State.Running || info.State.Restarting
  const probe = info.State.Health?.Log?.at(-1)?.Output
  return {
    id: info.Id,
    name: info.Name.replace(/^\//, ''),
    image: info.Config.Image,
    imageId: info.Image,
    labels,
    ...(labels['com.docker.compose.project'] ? { project: labels['com.docker.compose.project'] } : {}),
    ...(labels['com.docker.compose.service'] ? { service: labels['com.docker.compose.service'] } : {}),
    state: info.State.Status as Container['state'],
    health: (running ? (info.State.Health?.Status as Container['health'] | undefined) : undefined) ?? 'none',
    ...(probe && info.State.Health?.Status === 'unhealthy'
      ? { probe: probe.trim().slice(0, PROBE_SAID) }
      : {}),
    ...(info.State.Pid > 0 ? { pid: info.State.Pid } : {}),
    exitCode: info.State.ExitCode,
    ...(info.State.OOMKilled && !info.State.Running ? { starved: true } : {}),
    restartCount: info.RestartCount,
    ...(isDate(info.State.StartedAt) ? { startedAt: info.State.StartedAt } : {}),
    ...(isDate(info.State.FinishedAt) ? { finishedAt: info.State.FinishedAt } : {}),
    restartPolicy: info.HostConfig.RestartPolicy?.Name ?? 'no',
    memoryLimit: info.HostConfig.Memory ?? 0,
    networks: Object.fromEntries(
      Object.entries(info.NetworkSettings.Networks ?? {}).map(([name, network]) => [
        name,
        network?.IPAddress ?? '',
      ]),
    ),
    networkMode: info.HostConfig.NetworkMode ?? 'default',
    env: Object.fromEntries((info.Config.Env ?? []).map((line) => splitOnce(line))),
    exposedPorts: Object.keys(info.Config.ExposedPorts ?? {})
      .filter((port) => port.endsWith('/tcp'))
      .map((port) => Number.parseInt(port, 10)),
  }
}

/** The engine writes year 1 for "never". */
function isDate(text: string | undefined): text is string {
  return text !== undefined && !text.startsWith('0001-')
}

function splitOnce(line: string): [string, string] {
  const at = line.indexOf('=')
  return at < 0 ? [line, ''] : [line.slice(0, at), line.slice(at + 1)]
}
