import { Fragment } from 'preact'

/** A sentence of the catalogue: what stands between backticks is a name that people type. */
export function Rich({ text }: { text: string }) {
  const pieces = text.split('`')
  return (
    <>
      {pieces.map((piece, index) => (index % 2 === 1 ? <code>{piece}</code> : <Fragment>{piece}</Fragment>))}
    </>
  )
}
