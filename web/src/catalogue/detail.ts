import type { TemplateDescription } from '../../../server/templates/template.ts'

/** A template as the form needs it. */
export interface Detail {
  name: string
  services: string[]
  description: TemplateDescription
}
