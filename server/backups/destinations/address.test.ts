import t from 'tap'
import { addressProblem, reachOf, sftpPlace } from './address.ts'
import type { Destination } from '../settings.ts'

const secret = (name: string) => `value of ${name}\n`
const ssh = { knownHosts: '/data/state/known-hosts' }
const reach = (destination: Omit<Destination, 'name'>, files = ssh) =>
  reachOf({ name: 'away', ...destination }, { secret, ssh: files })

t.test('a folder and a bucket as they are written; secrets by the environment', async (t) => {
  t.same(reach({ to: '/mnt/disk/kit' }), { address: '/mnt/disk/kit', env: {}, options: [] })
  t.same(
    reach({
      to: 's3:https://s3.example.org/kit',
      env: { AWS_ACCESS_KEY_ID: 'id', AWS_SECRET_ACCESS_KEY: { secret: 's3' } },
      upload: 500,
    }),
    {
      address: 's3:https://s3.example.org/kit',
      env: { AWS_ACCESS_KEY_ID: 'id', AWS_SECRET_ACCESS_KEY: 'value of s3' },
      options: ['--limit-upload', '500'],
    },
  )
})

t.test('a REST server gets its password in the address, which no argument carries', async (t) => {
  const { address, options } = reach({
    to: 'rest:https://far.test:8000/kit/',
    env: { RESTIC_REST_USERNAME: 'box', RESTIC_REST_PASSWORD: { secret: 'rest' } },
  })
  t.equal(address, 'rest:https://box:value%20of%20rest@far.test:8000/kit/')
  t.same(options, [])
})

t.test('sftp: both spellings, a port, a key', async (t) => {
  t.same(sftpPlace('sftp:box@far.test:/backups'), { user: 'box', host: 'far.test' })
  t.same(sftpPlace('sftp://box@far.test:2222//backups'), { user: 'box', host: 'far.test', port: 2222 })
  t.same(sftpPlace('sftp://far.test/backups'), { host: 'far.test' })
  t.same(sftpPlace('sftp:box@[fe80::1]:/backups'), { user: 'box', host: 'fe80::1' })
  for (const to of ['sftp:-oProxyCommand=x:/a', 'sftp:far.test', 'sftp://a b/c', 'sftp://host:x/c'])
    t.equal(sftpPlace(to), undefined, to)
  const [flag, command = ''] = reach({ to: 'sftp://box@far.test:2222//backups' }, {
    ...ssh,
    key: '/data/run/with space/key',
  } as typeof ssh).options
  t.equal(flag, '-o')
  t.match(command, /^sftp\.command=ssh -i '\/data\/run\/with space\/key' -o IdentitiesOnly=yes/)
  t.match(command, /-p 2222 -l box far\.test -s sftp$/)
  t.match(command, /StrictHostKeyChecking=accept-new/)
  t.notMatch(command, /value of/)
})

t.test('what cannot be meant', async (t) => {
  const problem = (destination: Omit<Destination, 'name'>) => addressProblem({ name: 'away', ...destination })
  t.match(problem({ to: 'rest:http://box:word@far.test/' }), /carries a password/)
  t.match(
    problem({ to: 'rest:http://far.test/', env: { RESTIC_REST_PASSWORD: { secret: 'x' } } }),
    /USERNAME/,
  )
  t.match(problem({ to: '/mnt', host_key: 'ssh-ed25519 AAAA' }), /belong to sftp/)
  t.equal(problem({ to: 'rclone:box:kit' }), undefined)
})
