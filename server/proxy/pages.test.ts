import t from 'tap'
import { PAGE_LANGUAGES, pageFile, renderPages } from './pages.ts'

const pages = renderPages()
for (const reason of ['starting', 'stopped', 'failed', 'unreachable'] as const)
  for (const language of PAGE_LANGUAGES) {
    const page = pages[pageFile(reason, language)] ?? ''
    t.match(page, `<html lang="${language}">`, `${reason}, ${language}`)
    t.match(page, 'prefers-color-scheme: dark')
    t.match(page, '<meta http-equiv="refresh"')
    t.notMatch(page, /<script|src=|href=|url\(|https?:/, 'asks nothing from anywhere')
    t.notMatch(page, /[!]\s*</, 'no exclamation marks')
  }
t.equal(Object.keys(pages).length, 8)
t.same(renderPages(), pages, 'the same bytes each time')
