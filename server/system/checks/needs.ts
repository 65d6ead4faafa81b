import type { Check } from '../doctor.ts'

export interface NeedsDeps {
  /** The chosen minions that run, each with what the host lacks for it. */
  unmet: () => Promise<{ name: string; needs: { detail: string; hint: string }[] }[]>
}

export const needsCheck = ({ unmet }: NeedsDeps): Check => ({
  id: 'needs',
  title: 'Kernel and processor',
  run: async () => {
    const lacking = (await unmet()).filter(({ needs }) => needs.length > 0)
    const [first] = lacking
    if (!first) return { state: 'ok', detail: 'Every minion has the kernel settings that it needs.' }
    return {
      state: 'fail',
      detail: lacking
        .map(({ name, needs }) => `${name}: ${needs.map(({ detail }) => detail).join(' ')}`)
        .join(' '),
      hint: first.needs[0]?.hint ?? '',
    }
  },
})
