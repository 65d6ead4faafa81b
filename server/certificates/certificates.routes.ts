/** HTTP of the certificates: what there is, and the internal root for everyone who must trust it. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { SummonerError } from '../errors.ts'
import type { Certificates } from './certificate.ts'
import { CertificateView } from './certificate-view.ts'
import type { Keeper } from './keep.ts'
import type { Kept } from './kept.ts'
import { needsRenewal } from './needs-renewal.ts'

const Renewed = Type.Array(
  Type.Object({ names: Type.Array(Type.String()), error: Type.Optional(Type.String()) }),
)
const Checked = Type.Array(
  Type.Object({ names: Type.Array(Type.String()), cause: Type.Optional(Type.String()) }),
)

interface CertificatesRoutesDeps {
  certificates: Pick<Certificates, 'list' | 'rootPem'>
  keeper: Pick<Keeper, 'list' | 'renew' | 'check'>
  now(): Date
}

export const certificatesRoutes =
  ({ certificates, keeper, now }: CertificatesRoutesDeps): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.get(
      '/certificates',
      {
        config: { role: 'viewer' },
        schema: {
          summary: 'Certificates of this box',
          tags: ['certificates'],
          operationId: 'listCertificates',
          response: { 200: Type.Object({ certificates: Type.Array(CertificateView) }) },
        },
      },
      async () => {
        const kept = keeper.list()
        const views = certificates.list().map(({ certificateFile: _c, keyFile: _k, ...certificate }) => {
          const wanted = kept.find(
            ({ names, hosts }) => names.includes(certificate.name) || hosts.includes(certificate.name),
          )
          return {
            ...certificate,
            renewalDue: needsRenewal(certificate, now()),
            ...(wanted ? { acme: acmeOf(wanted) } : {}),
          }
        })
        return { certificates: views }
      },
    )

    app.post(
      '/certificates/renew',
      {
        config: { role: 'operator' },
        schema: {
          summary: 'Order certificates now, for one host or for all; answers when the orders have ended',
          tags: ['certificates'],
          operationId: 'renewCertificates',
          body: Type.Object(
            { host: Type.Optional(Type.String({ maxLength: 253 })) },
            { additionalProperties: false },
          ),
          response: { 200: Renewed },
        },
      },
      async ({ body }) => {
        const results = await keeper.renew(body.host?.toLowerCase())
        if (body.host !== undefined && results.length === 0)
          throw new SummonerError('certificate.unknown', `${body.host} has no certificate of an ACME server.`)
        return results
      },
    )

    app.post(
      '/certificates/check',
      {
        config: { role: 'operator' },
        schema: {
          summary: 'Look for what would make an order fail: DNS, CAA, port 80',
          tags: ['certificates'],
          operationId: 'checkCertificates',
          response: { 200: Checked },
        },
      },
      () => keeper.check(),
    )

    app.get(
      '/ca.pem',
      {
        config: { role: 'public' },
        schema: {
          summary: 'The internal root certificate, to be trusted by browsers and hosts',
          tags: ['certificates'],
          operationId: 'getRootCertificate',
          response: { 200: Type.String() },
        },
      },
      async (_request, reply) =>
        reply
          .type('application/x-pem-file')
          .header('content-disposition', 'attachment; filename="summoner-root.pem"')
          .send(certificates.rootPem()),
    )
  }

const acmeOf = ({ directory, nextAttempt, held, lastError, failures, budget }: Kept) => ({
  directory,
  nextAttempt,
  ...(held ? { held } : {}),
  ...(lastError ? { lastError } : {}),
  failures,
  budget,
})
