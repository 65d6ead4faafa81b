import type { Certificate } from '../../certificates/certificate.ts'
import type { Command } from '../command.ts'
import { renderTable } from '../table.ts'
import { clean } from '../text.ts'

interface Row extends Certificate {
  acme?: {
    nextAttempt: string
    held?: string
    lastError?: string
    budget: { limit: string; left: number }[]
  }
}

/** A whole order, with everything the server takes its time for. */
const ORDER_MS = 600_000

export const certificates: Command = {
  name: 'certificates',
  summary: 'list the certificates, how long they last, and what is tried next',
  run: async ({ api, out, world }) => {
    const list = await api.list<Row>('/certificates', 'certificates')
    out.document({ certificates: list })
    if (list.length === 0) return out.line('No certificates yet.')
    out.line(
      ...renderTable(
        [
          { title: 'NAMES', min: 16 },
          { title: 'ISSUER', min: 10, optional: 1 },
          { title: 'UNTIL' },
          { title: 'DAYS', align: 'right' },
          { title: 'NEXT TRY', optional: 2 },
          { title: 'LEFT', align: 'right', optional: 3 },
          { title: 'CHAIN', min: 10, optional: 4 },
        ],
        list.map(({ names, issuer, chain, notAfter, acme }) => {
          const days = Math.floor((Date.parse(notAfter) - world.now()) / 86_400_000)
          const paint = days < 0 ? out.style.red : days < 14 ? out.style.yellow : (text: string) => text
          return [
            names.join(' '),
            issuer,
            notAfter.slice(0, 10),
            { text: String(days), paint },
            acme?.nextAttempt.slice(0, 16).replace('T', ' ') ?? '',
            acme ? String(Math.min(...acme.budget.map(({ left }) => left))) : '',
            chain.join(' < '),
          ]
        }),
        out.width(),
        out.style,
      ),
    )
    for (const { name, acme } of list) {
      const trouble = acme?.lastError ?? acme?.held
      if (trouble !== undefined) out.line(`${out.style.yellow('!')} ${clean(name)}: ${clean(trouble)}`)
    }
  },
}

export const certificatesRenew: Command = {
  name: 'certificates renew',
  summary: 'order certificates now, whatever is left of them',
  arguments: [{ name: 'HOST', optional: true }],
  details: 'The limits of the ACME server still hold: an order that would break one is not sent.',
  run: async ({ args, api, out }) => {
    const [host] = args
    const results = await api.call<{ names: string[]; error?: string }[]>(
      'POST',
      '/certificates/renew',
      host === undefined ? {} : { host },
      { timeoutMs: ORDER_MS },
    )
    out.document({ certificates: results })
    if (results.length === 0) out.line('No certificate comes from an ACME server.')
    for (const { names, error } of results)
      out.line(
        error === undefined
          ? `${out.style.green('✔')} ${clean(names.join(' '))}`
          : `${out.style.red('✘')} ${clean(names.join(' '))}: ${clean(error)}`,
      )
    return results.some(({ error }) => error !== undefined) ? 1 : 0
  },
}

export const certificatesCheck: Command = {
  name: 'certificates check',
  summary: 'look for what would make an order fail: DNS, CAA, port 80',
  run: async ({ api, out }) => {
    const results = await api.call<{ names: string[]; cause?: string }[]>(
      'POST',
      '/certificates/check',
      undefined,
      { timeoutMs: ORDER_MS },
    )
    out.document({ certificates: results })
    if (results.length === 0) out.line('No certificate comes from an ACME server.')
    for (const { names, cause } of results)
      out.line(
        cause === undefined
          ? `${out.style.green('✔')} ${clean(names.join(' '))}`
          : `${out.style.red('✘')} ${clean(names.join(' '))}: ${clean(cause)}`,
      )
    return results.some(({ cause }) => cause !== undefined) ? 1 : 0
  },
}
