import type { Certificate } from '../../certificates/certificate.ts'
import type { Check } from '../doctor.ts'

const DAY = 86_400_000
/** Renewal starts at a third of the life: what is below a fifth has been failing for a while. */
const WORRY = 0.2

export interface CertificatesDeps {
  list: () => Pick<Certificate, 'name' | 'notBefore' | 'notAfter'>[]
  now: () => number
}

export const certificatesCheck = ({ list, now }: CertificatesDeps): Check => ({
  id: 'certificates',
  title: 'Certificates',
  run: async () => {
    const all = list().map(({ name, notBefore, notAfter }) => ({
      name,
      left: Date.parse(notAfter) - now(),
      life: Date.parse(notAfter) - Date.parse(notBefore),
      early: Date.parse(notBefore) > now(),
    }))
    if (all.length === 0) return { state: 'skip', detail: 'There are none yet.' }
    const expired = all.filter(({ left }) => left <= 0)
    if (expired.length > 0)
      return {
        state: 'fail',
        detail: `Expired: ${expired.map(({ name }) => name).join(', ')}`,
        hint: 'Run `summoner apply`; what stands in the way is in `summoner events`.',
      }
    const early = all.filter((certificate) => certificate.early)
    if (early.length > 0)
      return {
        state: 'fail',
        detail: `Not valid yet: ${early.map(({ name }) => name).join(', ')}`,
        hint: 'The clock of this server is behind: see the check of the clock.',
      }
    const late = all.filter(({ left, life }) => left < life * WORRY)
    if (late.length > 0)
      return {
        state: 'warn',
        detail: `Not renewed in time: ${late.map(({ name, left }) => `${name} (${Math.floor(left / DAY)} days)`).join(', ')}`,
        hint: 'What stands in the way is in `summoner events`.',
      }
    const next = Math.min(...all.map(({ left }) => left))
    return { state: 'ok', detail: `${all.length} valid, the first ends in ${Math.floor(next / DAY)} days.` }
  },
})
