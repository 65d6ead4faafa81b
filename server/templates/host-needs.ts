/** What a template needs of the host beside memory and disk: kernel settings, and what its processor can do. */
import type { TemplateDescription } from './template.ts'

export interface UnmetNeed {
  detail: string
  hint: string
}

type Needs = Pick<TemplateDescription['resources'], 'sysctl' | 'cpu'>

/** `read` gives the text of a file of the host. What the host does not tell is not held against it. */
export async function unmetNeeds(
  { sysctl = {}, cpu = [] }: Needs,
  read: (path: string) => Promise<string>,
  architecture: string = process.arch,
): Promise<UnmetNeed[]> {
  const unmet: UnmetNeed[] = []
  for (const [name, least] of Object.entries(sysctl)) {
    const now = await read(`/proc/sys/${name.replaceAll('.', '/')}`).then(
      (text) => text.trim(),
      () => '',
    )
    if (!/^\d+$/.test(now) || BigInt(now) >= BigInt(least)) continue
    unmet.push({
      detail: `The kernel setting ${name} is ${now}; ${least} or more is needed.`,
      hint: `Run \`sysctl -w ${name}=${least}\`, and write the line \`${name} = ${least}\` into /etc/sysctl.d/60-summoner.conf so that it lasts.`,
    })
  }
  if (architecture === 'x64' && cpu.length > 0) {
    const flags = await read('/proc/cpuinfo').then(
      (text) => /^flags\s*:(.*)$/m.exec(text)?.[1]?.trim().split(/\s+/),
      () => undefined,
    )
    const missing = flags ? cpu.filter((flag) => !flags.includes(flag)) : []
    if (missing.length > 0) {
      unmet.push({
        detail: `The processor has no ${missing.join(', ').toUpperCase()}.`,
        hint: 'In a virtual machine choose the processor of the host ("host-passthrough"); an older processor cannot run it.',
      })
    }
  }
  return unmet
}
