/** Server-sent events, as the HTML standard writes them down. */
export interface ServerEvent {
  event: string
  id?: string
  data: string
}

/** Feeds on text chunks cut anywhere; yields whole events. An event that the end cuts off is dropped. */
export async function* parseEvents(chunks: AsyncIterable<string>): AsyncGenerator<ServerEvent> {
  let rest = ''
  let event = 'message'
  let id: string | undefined
  let data: string[] = []
  for await (const chunk of chunks) {
    rest += chunk
    const lines = rest.split(/\r\n|\n|\r(?!$)/u)
    rest = lines.pop() ?? ''
    for (const line of lines) {
      if (line === '') {
        if (data.length > 0) yield { event, data: data.join('\n'), ...(id === undefined ? {} : { id }) }
        event = 'message'
        data = []
        continue
      }
      const colon = line.indexOf(':')
      const field = colon === -1 ? line : line.slice(0, colon)
      const value = colon === -1 ? '' : line.slice(colon + 1).replace(/^ /u, '')
      if (field === 'event') event = value
      else if (field === 'data') data.push(value)
      else if (field === 'id') id = value
    }
  }
}
