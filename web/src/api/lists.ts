/** The lists that several pages read. */
import type { TemplateRow } from '../../../server/templates/templates.routes.ts'
import type { CertificateView } from '../../../server/certificates/certificate-view.ts'
import { get } from './client.ts'

export const listTemplates = async () => (await get<{ templates: TemplateRow[] }>('/templates')).templates
export const listCertificates = async () =>
  (await get<{ certificates: CertificateView[] }>('/certificates')).certificates
