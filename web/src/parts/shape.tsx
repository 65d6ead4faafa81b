/** A state is a shape, a word and a colour; never the colour alone. */
export type Tone = 'ok' | 'notice' | 'warn' | 'bad' | 'none'
export type ShapeName = 'full' | 'half' | 'triangle' | 'square' | 'ring' | 'turn' | 'dot'

export function Shape({ name, class: more = '' }: { name: ShapeName; class?: string }) {
  return (
    <svg class={`shape ${more}`} viewBox="0 0 12 12" aria-hidden="true" focusable="false">
      {name === 'full' && <circle cx="6" cy="6" r="5" fill="currentColor" />}
      {name === 'dot' && <circle cx="6" cy="6" r="2.500" fill="currentColor" />}
      {name === 'half' && (
        <>
          <circle cx="6" cy="6" r="4.300" fill="none" stroke="currentColor" stroke-width="1.400" />
          <path d="M6 1.700a4.300 4.300 0 0 0 0 8.600z" fill="currentColor" />
        </>
      )}
      {name === 'triangle' && <path d="M6 .8l5.600 10.200H.4z" fill="currentColor" />}
      {name === 'square' && <rect x="1" y="1" width="10" height="10" rx="1" fill="currentColor" />}
      {name === 'ring' && (
        <circle cx="6" cy="6" r="4.300" fill="none" stroke="currentColor" stroke-width="1.400" />
      )}
      {name === 'turn' && (
        <path
          d="M10 4.500A4.400 4.400 0 1 0 10.400 6.800M10.300 1.600v3h-3"
          fill="none"
          stroke="currentColor"
          stroke-width="1.500"
          stroke-linecap="round"
          stroke-linejoin="round"
        />
      )}
    </svg>
  )
}

export function Badge({ shape, tone, word }: { shape: ShapeName; tone: Tone; word: string }) {
  return (
    <span class={`badge tone-${tone}`}>
      <Shape name={shape} />
      {word}
    </span>
  )
}
