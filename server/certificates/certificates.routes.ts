/** HTTP of the certificates: what there is, and the internal root for everyone who must trust it. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import type { Certificates } from './certificate.ts'
import { needsRenewal } from './needs-renewal.ts'

const CertificateView = Type.Object({
  name: Type.String(),
  names: Type.Array(Type.String()),
  issuer: Type.String(),
  notBefore: Type.String(),
  notAfter: Type.String(),
  publiclyTrusted: Type.Boolean({ description: 'false: signed by the internal root of this box' }),
  renewalDue: Type.Boolean(),
})

interface CertificatesRoutesDeps {
  certificates: Certificates
  now(): Date
}

export const certificatesRoutes =
  ({ certificates, now }: CertificatesRoutesDeps): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.get(
      '/certificates',
      {
        config: { role: 'viewer' },
        schema: {
          summary: 'Certificates of this box',
          tags: ['certificates'],
          operationId: 'listCertificates',
          response: { 200: Type.Array(CertificateView) },
        },
      },
      async () =>
        certificates.list().map(({ certificateFile: _c, keyFile: _k, ...certificate }) => ({
          ...certificate,
          renewalDue: needsRenewal(certificate, now()),
        })),
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
