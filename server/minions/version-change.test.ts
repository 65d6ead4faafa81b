import t from 'tap'
import { versionChange } from './version-change.ts'

const of = (...images: [service: string, image: string][]) =>
  images.map(([service, image]) => ({ service, image }))

t.test('the version is in the tag', async (t) => {
  const before = of(['db', 'mariadb:11.4.2'], ['app', 'registry.example:5000/nextcloud:34.0.2-apache'])
  t.equal(versionChange(before, before), undefined)
  t.same(
    versionChange(
      before,
      of(['db', 'mariadb:11.8.1'], ['app', 'registry.example:5000/nextcloud:34.0.3-apache']),
      'app',
    ),
    { service: 'app', from: '34.0.2-apache', to: '34.0.3-apache' },
  )
  t.match(versionChange(before, of(['db', 'mariadb:11.8.1']), 'app'), { service: 'db', to: '11.8.1' })
})

t.test('a distribution build with another recipe is no other version', async (t) => {
  const build = (tag: string) => of(['web', `summoner/statik-web:${tag}`])
  t.equal(versionChange(build('1.26-23e97af2c902'), build('1.26-000000000000')), undefined)
  t.match(versionChange(build('1.26-23e97af2c902'), build('1.28-23e97af2c902')), { from: '1.26', to: '1.28' })
})

t.test('what has no version, or is new, is no change', async (t) => {
  t.equal(versionChange(of(['a', 'x']), of(['a', 'y'])), undefined)
  t.equal(versionChange(of(), of(['a', 'y:1'])), undefined)
  t.equal(versionChange(of(['a', 'host:5000/y']), of(['a', 'host:5000/z'])), undefined)
})
