/** What the palette offers for what was typed; pure. */
export interface Command {
  id: string
  label: string
  /** Also found by these. */
  words?: string
  kind: string
}

const plain = (text: string) => text.normalize('NFD').replaceAll(/\p{M}/gu, '').toLowerCase()

/** Every typed word must begin a word of the command, or stand in it; beginnings come first. */
export function findCommands<T extends Command>(commands: readonly T[], typed: string, limit = 12): T[] {
  const wanted = plain(typed).split(/\s+/).filter(Boolean)
  if (wanted.length === 0) return commands.slice(0, limit)
  const scored: { command: T; score: number }[] = []
  for (const command of commands) {
    const text = plain(`${command.label} ${command.words ?? ''}`)
    const words = text.split(/[\s./-]+/)
    let score = 0
    for (const word of wanted) {
      if (words.some((other) => other === word)) score += 3
      else if (words.some((other) => other.startsWith(word))) score += 2
      else if (text.includes(word)) score += 1
      else {
        score = -1
        break
      }
    }
    if (score > 0)
      scored.push({ command, score: score + (plain(command.label).startsWith(wanted[0] ?? '') ? 1 : 0) })
  }
  return scored
    .sort((a, b) => b.score - a.score)
    .slice(0, limit)
    .map(({ command }) => command)
}
