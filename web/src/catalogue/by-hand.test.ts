import t from 'tap'
import { parse } from 'yaml'
import { commandFor, yamlFor } from './by-hand.ts'

const wanted = {
  template: 'wordpress',
  name: 'site',
  subdomain: '@',
  env: { TITLE: 'L\'équipe: 100 % "vraie"', PASSWORD: 'hunter2', ON: 'yes', VERSION: '8.10' },
  grants: ['docker.sock'],
}

t.test('the command and the YAML say the same, and no secret', (t) => {
  const secrets = new Set(['PASSWORD'])
  t.equal(commandFor({ template: 'ghost' }, secrets), 'summoner add ghost')
  t.equal(
    commandFor(wanted, secrets),
    `summoner add wordpress --name site --subdomain @ --env 'TITLE=L'\\''équipe: 100 % "vraie"' --env 'PASSWORD=…' --env ON=yes --env VERSION=8.10 --grant docker.sock`,
  )
  t.same(parse(yamlFor({ template: 'ghost' }, secrets)), { applications: ['ghost'] })
  t.same(parse(yamlFor(wanted, secrets)), {
    applications: [
      {
        name: 'site',
        template: 'wordpress',
        subdomain: '@',
        env: { ...wanted.env, PASSWORD: '…' },
        grants: ['docker.sock'],
      },
    ],
  })
  t.end()
})
