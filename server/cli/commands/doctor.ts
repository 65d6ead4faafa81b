import type { Doctor } from '../../system/doctor.ts'
import type { Command } from '../command.ts'
import type { Style } from '../style.ts'
import { cleanBlock, clean, fit } from '../text.ts'

export const doctor: Command = {
  name: 'doctor',
  summary: 'check the host and say what to do',
  details: 'Exit code 1 when a check fails; warnings do not fail.',
  examples: ['summoner doctor', 'summoner doctor --json'],
  run: async ({ api, out }) => {
    const report = await api.call<Doctor>('GET', '/doctor', undefined, { timeoutMs: 120_000 })
    out.document(report)
    out.line(...renderDoctor(report, out.style))
    return report.ok ? 0 : 1
  },
}

export function renderDoctor({ checks }: Doctor, style: Style): string[] {
  const sign = {
    ok: style.green('✔'),
    warn: style.yellow('▲'),
    fail: style.red('✖'),
    skip: style.dim('–'),
  }
  const width = Math.max(0, ...checks.map(({ title }) => title.length))
  const indent = ' '.repeat(width + 4)
  const count = (state: string) => checks.filter((check) => check.state === state).length
  const fails = count('fail')
  const warns = count('warn')
  return [
    ...checks.flatMap(({ title, state, detail, hint }) => {
      const [first = '', ...rest] = cleanBlock(detail)
      return [
        `${sign[state]} ${style.bold(fit(clean(title), width))}  ${first}`.trimEnd(),
        ...rest.map((line) => `${indent}${line}`),
        ...(hint
          ? cleanBlock(hint).map((line, index) => `${indent}${style.dim(index === 0 ? '→' : ' ')} ${line}`)
          : []),
      ]
    }),
    '',
    fails + warns === 0
      ? 'All well.'
      : [fails > 0 ? `${fails} to repair` : '', warns > 0 ? `${warns} to look at` : '']
          .filter(Boolean)
          .join(', ') + '.',
  ]
}
