/** The little Markdown that messages are written in, and what it becomes where a target speaks otherwise. Pure. */

export type Token =
  { kind: 'text' | 'bold' | 'italic' | 'code'; text: string } | { kind: 'link'; text: string; url: string }

const URL_TEXT = /^https?:\/\/[^\s<>()[\]"'`\\]{1,2000}$/u

/** Only what a browser opens harmlessly; never `javascript:`. */
export function safeUrl(text: string): string | undefined {
  return URL_TEXT.test(text) ? text : undefined
}

/** A stranger's text inside Markdown: shown as it is, hides no link, rings nobody. An address of the web stays one. */
export function escapeMarkdown(text: string): string {
  if (URL_TEXT.test(text)) return text
  return text
    .replace(/[\\`*_{}[\]()#+!|~<>]/gu, (character) => `\\${character}`)
    .replace(/@(?=[a-z])/giu, '@\u200b')
    .replace(/^(\s*)(-|\d+\.)(?=\s)/gmu, '$1\\$2')
}

const INLINE =
  /\\([\\`*_{}[\]()#+\-.!|~<>])|(`+)([^`\n]+)\2|\*\*([^*\n]+)\*\*|(?<![\w\\])_([^_\n]+)_(?!\w)|\[((?:\\.|[^\]\\\n])*)\]\((https?:\/\/[^\s)]+)\)|(https?:\/\/[^\s<>()[\]"'`\\]+)/gu

export function tokensOf(markdown: string): Token[] {
  const tokens: Token[] = []
  const add = (token: Token) => {
    const last = tokens.at(-1)
    if (token.kind === 'text' && last?.kind === 'text') last.text += token.text
    else if (token.text !== '') tokens.push(token)
  }
  let at = 0
  for (const match of markdown.matchAll(INLINE)) {
    add({ kind: 'text', text: markdown.slice(at, match.index) })
    at = match.index + match[0].length
    const [, escaped, , code, bold, italic, label, url, bare] = match
    if (escaped !== undefined) add({ kind: 'text', text: escaped })
    else if (code !== undefined) add({ kind: 'code', text: code })
    else if (bold !== undefined) add({ kind: 'bold', text: unescape(bold) })
    else if (italic !== undefined) add({ kind: 'italic', text: unescape(italic) })
    else if (url !== undefined) add({ kind: 'link', text: unescape(label ?? ''), url })
    else if (bare !== undefined) add({ kind: 'link', text: bare, url: bare })
  }
  add({ kind: 'text', text: markdown.slice(at) })
  return tokens
}

const unescape = (text: string) => text.replace(/\\([\\`*_{}[\]()#+\-.!|~<>])/gu, '$1')

export function toPlain(markdown: string): string {
  return tokensOf(markdown)
    .map((token) =>
      token.kind === 'link' && token.text !== token.url && token.text !== ''
        ? `${token.text} ${token.url}`
        : token.text || (token.kind === 'link' ? token.url : ''),
    )
    .join('')
}

/** Slack's own marks; its three special characters are the only ones it wants escaped. */
export function toSlack(markdown: string): string {
  const safe = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
  return tokensOf(markdown)
    .map((token) => {
      if (token.kind === 'link') {
        const label = safe(token.text).replaceAll('|', '¦')
        return token.text === token.url || label === ''
          ? `<${safe(token.url)}>`
          : `<${safe(token.url)}|${label}>`
      }
      const mark = { text: '', bold: '*', italic: '_', code: '`' }[token.kind]
      return mark + safe(token.text) + mark
    })
    .join('')
}

/** Of Matrix and Telegram: tags both know. */
export function toHtml(markdown: string, lineBreak: '<br>' | '\n' = '<br>'): string {
  const safe = (text: string) =>
    text
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
      .replaceAll('"', '&quot;')
      .replaceAll('\n', lineBreak)
  return tokensOf(markdown)
    .map((token) => {
      if (token.kind === 'link') return `<a href="${safe(token.url)}">${safe(token.text || token.url)}</a>`
      const tag = { text: '', bold: 'b', italic: 'i', code: 'code' }[token.kind]
      return tag === '' ? safe(token.text) : `<${tag}>${safe(token.text)}</${tag}>`
    })
    .join('')
}
