/** What the box says of itself has French words: a shape of its sentence, or a sentence of its type. */
import t from 'tap'
import { ownEventTypes } from '../../../server/events/catalogue.ts'
import { fr } from './fr.ts'
import { frenchSentence } from './server-french.ts'

t.test('events of the box', (t) => {
  t.equal(
    frenchSentence('wiki was backed up: wiki-20261121-231132'),
    'wiki a été sauvegardé : wiki-20261121-231132',
  )
  t.equal(frenchSentence('The disk of /srv/data is 91 % full'), 'Le disque de /srv/data est plein à 91 %')
  const types = ownEventTypes().filter(
    ({ type, sample }) => !(`event.${type}` in fr) && frenchSentence(sample.title) === sample.title,
  )
  t.same(
    types.map(({ type, sample }) => `${type}: ${sample.title}`),
    [],
  )
  t.end()
})
