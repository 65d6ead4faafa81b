import t from 'tap'
import type { Template } from '../templates/template.ts'
import { seriesOf } from '../templates/series.ts'
import { engineProblem } from './compatible.ts'
import { manifestOf } from './manifest.fixture.ts'

t.test('series of a tag', (t) => {
  const cases: [string, string, string | undefined][] = [
    ['mariadb:11.8.8', 'mariadb', '11.8'],
    ['summoner/wordpress-mariadb:11.8-478e8754a9dd', 'mariadb', '11.8'],
    ['registry.example:5000/postgres:17.6-alpine', 'postgres', '17'],
    ['summoner/redmine-postgres:17-15f698ef0348', 'postgres', '17'],
    ['mongo:8', 'mongodb', '8'],
    ['mysql:8.4.3@sha256:aa', 'mysql', '8.4'],
    ['mariadb:latest', 'mariadb', undefined],
    ['registry.example:5000/mariadb', 'mariadb', undefined],
  ]
  for (const [reference, engine, series] of cases) t.equal(seriesOf(reference, engine), series, reference)
  t.end()
})

t.test('files of another engine version are refused, those of an application are not', (t) => {
  const template = {
    description: {
      data: [
        { service: 'app', kind: 'files', path: '/a' },
        { service: 'db', kind: 'database', path: '/d' },
      ],
      dumps: [{ service: 'db', engine: 'mariadb' }],
    },
  } as unknown as Template
  const manifest = manifestOf('cloud')
  manifest.images.services = [
    { service: 'app', reference: 'app:1.0', id: '', digests: [] },
    { service: 'db', reference: 'mariadb:10.11.4', id: '', digests: [] },
  ]
  const problem = (app: string, db: string) => engineProblem(manifest, { template, images: { app, db } })
  t.equal(problem('app:2.0', 'mariadb:10.11.9'), undefined)
  t.match(problem('app:1.0', 'mariadb:11.8.1'), /mariadb 10\.11.*mariadb 11\.8/)
  t.match(problem('app:1.0', 'summoner/x-mariadb:10.6-aa'), /10\.6/)
  t.end()
})
