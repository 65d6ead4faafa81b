/** Server-Sent Events out of a byte stream; pure. `EventSource` hides the status of a refusal and the names of events. */
export interface Message {
  event: string
  id?: string
  data: string
}

/** Feeds on pieces of text as they come; gives the messages that are complete. */
export function createParser() {
  let rest = ''
  let event = ''
  let id: string | undefined
  let data: string[] = []
  const line = (text: string): Message | undefined => {
    if (text === '') {
      const message = data.length > 0 ? { event: event || 'message', data: data.join('\n') } : undefined
      const complete = message && (id === undefined ? message : { ...message, id })
      event = ''
      data = []
      id = undefined
      return complete
    }
    if (text.startsWith(':')) return undefined
    const colon = text.indexOf(':')
    const field = colon < 0 ? text : text.slice(0, colon)
    const value = colon < 0 ? '' : text.slice(colon + 1).replace(/^ /, '')
    if (field === 'event') event = value
    else if (field === 'id') id = value
    else if (field === 'data') data.push(value)
    return undefined
  }
  return (piece: string): Message[] => {
    const lines = (rest + piece).split(/\r\n|\n|\r(?!$)/)
    rest = lines.pop() ?? ''
    return lines.map(line).filter((message) => message !== undefined)
  }
}
