/** Several deliveries as one message: a group whose time is up, or a burst that waits for one destination. */
import type { DeliveryRow, DeliveryStore } from './delivery-store.ts'
import { asMarkdown, joined, type Message } from './message.ts'
import type { Renderer } from './render-text.ts'
import type { RunStore } from './run-store.ts'
import type { Step } from './recipe.ts'
import type { Call } from './walk.ts'

interface GatherDeps {
  runs: Pick<RunStore, 'get'>
  deliveries: DeliveryStore
  renderer(): Renderer
}

/** Below this many, each is told by itself. */
const BURST = 4
const MOST_JOINED = 20
/** What people still read in one message. */
const MOST_TEXT = 3_000

/** The call of a group's leader once its time is up. */
export function groupedCall(leader: DeliveryRow, { runs, deliveries, renderer }: GatherDeps): Call {
  const call = JSON.parse(leader.call) as Call
  const members = deliveries.members(leader.id)
  const run = runs.get(leader.run)
  if (!run || (call.action !== 'post' && call.action !== 'mail')) return call
  const template = stepAt(run.recipe.do, leader.step)?.group?.text
  if (template === undefined) {
    if (members.length === 0) return call
    const messages = [call, ...members.map(({ call: text }) => JSON.parse(text) as Call)].flatMap(messageIn)
    return { ...call, message: { ...joined(messages), ...titleOf(call.message, messages.length) } }
  }
  const events = [run.event, ...members.flatMap((member) => runs.get(member.run)?.event ?? [])]
  const scope = { events, event: run.event, count: events.length, recipe: { name: run.recipe.name } }
  try {
    return {
      ...call,
      message: { ...call.message, text: renderer().render(template, scope, 'markdown').trim() },
    }
  } catch {
    // better the single texts than nothing
    const messages = [call, ...members.map(({ call: text }) => JSON.parse(text) as Call)].flatMap(messageIn)
    return { ...call, message: joined(messages) }
  }
}

const titleOf = ({ title }: Message, count: number) =>
  title === undefined ? {} : { title: count > 1 ? `${title} (+${count - 1})` : title }

const messageIn = (call: Call): Message[] =>
  call.action === 'post' || call.action === 'mail' ? [call.message] : []

/** Those behind `head` that are told in its message; the message is kept with the head, so a repeat says the same. */
export function joinBurst(
  head: DeliveryRow,
  waiting: readonly DeliveryRow[],
  deliveries: DeliveryStore,
): Call {
  const call = JSON.parse(head.call) as Call
  if (call.action !== 'post' || waiting.length + 1 < BURST) return call
  const messages = [call.message]
  let length = asMarkdown(call.message).length
  for (const row of waiting.slice(0, MOST_JOINED - 1)) {
    const other = JSON.parse(row.call) as Call
    if (other.action !== 'post') break
    length += asMarkdown(other.message).length
    if (length > MOST_TEXT) break
    // one that leads a group keeps its members
    if (deliveries.memberCount(row.id) > 0) break
    messages.push(other.message)
    deliveries.join(row.id, head.id)
  }
  if (messages.length === 1) return call
  const together: Call = { ...call, message: joined(messages) }
  deliveries.setCall(head.id, together)
  return together
}

/** The step that a key such as `0.foreach.3.1#team` names: of `foreach` the first number is the item. */
export function stepAt(steps: readonly Step[], key: string): Step | undefined {
  const words = key.replace(/#.*$/u, '').split('.')
  let here: readonly Step[] = steps
  let found: Step | undefined
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? ''
    if (/^\d+$/u.test(word)) found = here[Number(word)]
    else if (word === 'foreach') {
      here = found?.foreach?.do ?? []
      at++
    } else here = found?.[word as 'do' | 'else' | 'parallel' | 'on_failure'] ?? []
  }
  return found
}
