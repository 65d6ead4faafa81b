/** Mail by the box's own server; nodemailer is loaded with the first letter. */
import type { Transporter } from 'nodemailer'
import type { Config } from '../config/config.ts'
import type { Letter } from './actions/action.ts'
import type { Outcome } from './delivery.ts'

export interface SmtpDeps {
  config(): Pick<Config, 'mail' | 'email' | 'domain'>
  secret(name: string): string
  timeoutMs: number
}

interface SmtpError {
  message: string
  responseCode?: number
  code?: string
}

export function createSmtp({ config, secret, timeoutMs }: SmtpDeps) {
  let known: { key: string; transport: Transporter } | undefined

  async function transportTo(settings: NonNullable<Config['mail']>): Promise<Transporter> {
    const { host, port = 587, user, password } = settings
    const pass = password === undefined ? undefined : secret(password.secret)
    const key = JSON.stringify([host, port, user, pass])
    if (known?.key === key) return known.transport
    known?.transport.close()
    const { createTransport } = await import('nodemailer')
    const transport = createTransport({
      host,
      port,
      // 465 speaks TLS from its first byte, all others are asked to begin it
      secure: port === 465,
      requireTLS: pass !== undefined && !isLocal(host),
      pool: true,
      maxConnections: 1,
      connectionTimeout: timeoutMs,
      greetingTimeout: timeoutMs,
      socketTimeout: timeoutMs,
      disableFileAccess: true,
      disableUrlAccess: true,
      ...(user === undefined ? {} : { auth: { user, pass: pass ?? '' } }),
    })
    known = { key, transport }
    return transport
  }

  return {
    async send({ to, subject, text, html, id }: Letter): Promise<Outcome> {
      const { mail, email, domain } = config()
      if (!mail) return { ok: false, retry: true, error: 'There is no `mail` in config.yml.' }
      const addresses = to.length > 0 ? to : [email ?? []].flat()
      if (addresses.length === 0)
        return { ok: false, retry: true, error: 'Nobody is named, and there is no `email` in config.yml.' }
      try {
        const transport = await transportTo(mail)
        await transport.sendMail({
          from: mail.from ?? `Summoner <${mail.user?.includes('@') ? mail.user : `summoner@${domain}`}>`,
          to: addresses,
          subject,
          text,
          html,
          // the same in every try, so that a mailbox may tell a repeat
          messageId: `<${id}@${domain}>`,
          headers: { 'Auto-Submitted': 'auto-generated', 'List-Id': `Summoner <summoner.${domain}>` },
        })
        return { ok: true, status: 250 }
      } catch (error) {
        return failure(error as SmtpError)
      }
    },
    close: () => known?.transport.close(),
  }
}

/** 5xx is final by the protocol; a wrong password is repaired by a person, so it is tried again. */
function failure({ message, responseCode, code }: SmtpError): Outcome {
  const final = responseCode !== undefined && responseCode >= 500 && code !== 'EAUTH'
  return {
    ok: false,
    retry: !final,
    error: message.replace(/\s+/gu, ' ').slice(0, 300),
    ...(responseCode === undefined ? {} : { status: responseCode }),
  }
}

const isLocal = (host: string) => ['localhost', '127.0.0.1', '::1'].includes(host)
