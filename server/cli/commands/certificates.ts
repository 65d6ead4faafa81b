import type { Certificate } from '../../certificates/certificate.ts'
import type { Command } from '../command.ts'
import { renderTable } from '../table.ts'

export const certificates: Command = {
  name: 'certificates',
  summary: 'list the certificates and how long they last',
  run: async ({ api, out, world }) => {
    const list = await api.list<Certificate>('/certificates', 'certificates')
    out.document({ certificates: list })
    if (list.length === 0) out.line('No certificates yet.')
    else
      out.line(
        ...renderTable(
          [
            { title: 'NAMES', min: 16 },
            { title: 'ISSUER', min: 10, optional: 1 },
            { title: 'UNTIL' },
            { title: 'DAYS', align: 'right' },
          ],
          list.map(({ names, issuer, notAfter }) => {
            const days = Math.floor((Date.parse(notAfter) - world.now()) / 86_400_000)
            const paint = days < 0 ? out.style.red : days < 14 ? out.style.yellow : (text: string) => text
            return [names.join(' '), issuer, notAfter.slice(0, 10), { text: String(days), paint }]
          }),
          out.width(),
          out.style,
        ),
      )
  },
}
