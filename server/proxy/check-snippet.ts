/**
 * A person's own nginx text for one server block. It is read as nginx reads it, so that it can neither leave its block
 * nor use a directive that reads files, writes files, opens ports or hands requests to other places.
 */

const LONGEST = 8192
const DEEPEST = 4
const MEDIA_TYPE = /^[a-z0-9.+-]+\/[a-z0-9.+-]+$/i
const BLOCKS = new Set(['location', 'if', 'limit_except', 'types'])
const ALLOWED = new Set(
  `absolute_redirect add_header allow auth_basic break charset chunked_transfer_encoding client_body_buffer_size
  client_body_timeout client_header_timeout client_max_body_size default_type deny error_page etag expires
  gzip gzip_comp_level gzip_min_length gzip_proxied gzip_types gzip_vary if if_modified_since ignore_invalid_headers
  internal keepalive_requests keepalive_timeout limit_except limit_rate limit_rate_after location log_not_found
  max_ranges merge_slashes port_in_redirect proxy_buffer_size proxy_buffering proxy_buffers proxy_busy_buffers_size
  proxy_connect_timeout proxy_cookie_domain proxy_cookie_flags proxy_cookie_path proxy_hide_header
  proxy_ignore_headers proxy_intercept_errors proxy_next_upstream proxy_pass_header proxy_read_timeout
  proxy_redirect proxy_request_buffering proxy_send_timeout return rewrite satisfy send_timeout server_tokens set
  sub_filter sub_filter_last_modified sub_filter_once sub_filter_types tcp_nodelay types underscores_in_headers
  valid_referers`.split(/\s+/),
)

/** What is wrong with it, or undefined. */
export function snippetProblem(text: string): string | undefined {
  if (text.length > LONGEST) return `it is longer than ${LONGEST} characters`
  // eslint-disable-next-line no-control-regex
  if (/[\0-\x08\x0b-\x1f\x7f]/.test(text)) return 'it has control characters'
  const blocks: string[] = []
  let words: string[] = []
  for (const token of tokensOf(text)) {
    if ('problem' in token) return token.problem
    if ('word' in token) {
      words.push(token.word)
      continue
    }
    const [directive] = words
    const known =
      directive !== undefined &&
      (blocks.at(-1) === 'types' ? MEDIA_TYPE.test(directive) : ALLOWED.has(directive))
    if (token.mark === '}') {
      if (directive !== undefined) return `";" is missing after "${shown(directive)}"`
      if (blocks.pop() === undefined) return 'it closes a block that it did not open'
      continue
    }
    if (directive === undefined) return `"${token.mark}" stands alone`
    if (!known) return `"${shown(directive)}" cannot be used in a snippet`
    if (token.mark === '{') {
      if (!BLOCKS.has(directive)) return `"${shown(directive)}" opens no block`
      if (blocks.push(directive) > DEEPEST) return 'its blocks are nested too deeply'
    } else if (BLOCKS.has(directive)) return `"${shown(directive)}" needs a block`
    words = []
  }
  if (words[0] !== undefined) return `";" is missing after "${shown(words[0])}"`
  return blocks.length > 0 ? `"}" is missing for "${blocks.at(-1)}"` : undefined
}

type Token = { word: string } | { mark: ';' | '{' | '}' } | { problem: string }

function* tokensOf(text: string): Generator<Token> {
  let at = 0
  while (at < text.length) {
    const char = text.charAt(at)
    if (/\s/.test(char)) at++
    else if (char === '#') at = endOfLine(text, at)
    else if (char === ';' || char === '{' || char === '}') {
      yield { mark: char }
      at++
    } else if (char === '"' || char === "'") {
      const end = endOfQuote(text, at)
      if (end === undefined) {
        yield { problem: 'a quote is not closed' }
        return
      }
      if (!/^[\s;{)]?$/.test(text.charAt(end))) yield { problem: 'something follows a closing quote' }
      yield { word: text.slice(at, end) }
      at = end
    } else {
      const end = endOfWord(text, at)
      yield { word: text.slice(at, end) }
      at = end
    }
  }
}

function endOfLine(text: string, at: number): number {
  const end = text.indexOf('\n', at)
  return end === -1 ? text.length : end
}

function endOfQuote(text: string, start: number): number | undefined {
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === '\\') at++
    else if (text[at] === text[start]) return at + 1
  }
  return undefined
}

/** A closing brace within a word belongs to it, as does the brace of a variable in braces. */
function endOfWord(text: string, start: number): number {
  let at = start
  while (at < text.length) {
    const char = text.charAt(at)
    if (char === '\\' || text.startsWith('${', at)) at += 2
    else if (/[\s;{]/.test(char)) break
    else at++
  }
  return Math.min(at, text.length)
}

const shown = (word: string): string => word.replace(/[^\x20-\x7e]/g, '?').slice(0, 40)
