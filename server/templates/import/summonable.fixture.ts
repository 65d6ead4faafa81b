/** An imported template as the rest of the house sees it: written, read back by the catalogue, rendered. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readTemplate } from '../read-template.ts'
import { render } from '../render.ts'
import type { Rendered } from '../rendered.ts'
import type { Template } from '../template.ts'
import { renderInput } from '../two-services.fixture.ts'
import { createTemplate } from './create-template.ts'
import { importFiles } from './import-files.ts'
import type { ImportInput, ImportReport } from './report.ts'

export function imported(
  files: Record<string, string> | string,
  change: Partial<ImportInput> = {},
): ImportReport {
  return importFiles({
    files: typeof files === 'string' ? { 'compose.yml': files } : files,
    name: 'thing',
    answers: {},
    grants: [],
    taken: [],
    ...change,
  })
}

/** Throws with the findings when the template would not do. */
export function summonable(
  report: ImportReport,
  given: { env?: Record<string, string>; grants?: string[] } = {},
): { template: Template; rendered: Rendered } {
  const minionsDir = mkdtempSync(join(tmpdir(), 'import-'))
  try {
    createTemplate(minionsDir, report)
    const { template, findings } = readTemplate(report.name, {
      minionsDir,
      hashContext: () => '0'.repeat(12),
    })
    if (!template)
      throw new Error(findings.map(({ detail, path, line }) => `${path}:${line} ${detail}`).join('\n'))
    const networks = ['default', ...Object.keys(template.compose.networks ?? {})]
    const subnets = Object.fromEntries(networks.map((key, index) => [key, `10.213.${index}.16/28`]))
    const input = renderInput(template, {
      application: { name: 'mine', template: report.name, env: given.env ?? {}, grants: given.grants ?? [] },
      instance: {
        template: report.name,
        revision: 1,
        images: 'registry',
        subnets,
        createdAt: '2026-01-01T00:00:00Z',
      },
    })
    return { template, rendered: render(input) }
  } finally {
    rmSync(minionsDir, { recursive: true, force: true })
  }
}
