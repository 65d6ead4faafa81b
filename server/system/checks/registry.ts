import type { Check } from '../doctor.ts'

/** Where a repository without a host name lies. */
const DOCKER_HUB = 'docker.io'

export interface RegistryDeps {
  /** Does a registry answer at this host? */
  answers: (registry: string) => Promise<boolean>
  wanted: () => Promise<
    { name: string; images: 'auto' | 'registry' | 'distro'; repositories: string[]; distro: boolean }[]
  >
}

export const registryCheck = ({ answers, wanted }: RegistryDeps): Check => ({
  id: 'registry',
  title: 'Image registry',
  run: async () => {
    const all = await wanted()
    const pulling = all.filter(({ images }) => images !== 'distro')
    if (pulling.length === 0)
      return { state: 'skip', detail: 'Images are built from distribution packages; no registry is used.' }
    const hosts = [...new Set(pulling.flatMap(({ repositories }) => repositories.map(hostOf)))]
    const reached = await Promise.all(hosts.map((host) => answers(host)))
    const silent = hosts.filter((_, index) => !reached[index])
    if (silent.length === 0) return { state: 'ok', detail: `${hosts.join(', ')} answers.` }
    const cut = pulling.filter(({ repositories }) => repositories.some((one) => silent.includes(hostOf(one))))
    const stuck = cut.filter(({ images, distro }) => images === 'registry' || !distro)
    const detail = `${silent.join(', ')} cannot be reached.`
    if (stuck.length === 0)
      return {
        state: 'ok',
        detail: `${detail} Distribution builds are used instead: every minion here has one.`,
      }
    return {
      state: 'warn',
      detail: `${detail} New images cannot be had for: ${stuck.map(({ name }) => name).join(', ')}.`,
      hint: 'Check the network and the proxy settings of Docker, or set `images: distro` where the template has a distribution build.',
    }
  },
})

/** `ghcr.io/x/y` names its host, `library/nginx` does not. */
export function hostOf(repository: string): string {
  const [first = ''] = repository.split('/')
  const named = repository.includes('/') && (/[.:]/u.test(first) || first === 'localhost')
  return named ? first : DOCKER_HUB
}
