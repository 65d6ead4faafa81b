/** A newcomer's whole evening with the box. Its pictures are those of docs/tour.md. */
import t from 'tap'
import { openEvening } from '../newcomer.ts'

t.setTimeout(2_400_000)
const evening = await openEvening(t, 'tour')
for (const chapter of Object.values(evening)) await chapter()
