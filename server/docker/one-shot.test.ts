import t from 'tap'
import { runArgv } from './one-shot.ts'

const task = {
  name: 'summoner-blog-1',
  image: 'sha256:abc',
  beside: 'c0ffee',
  argv: ['mariadb-dump', '--host=127.0.0.1', 'blog'],
  env: { MYSQL_PWD: 'hunter2' },
  files: { '/box/run/login': '/login' },
}

t.test('a second container, closed on all sides, without a secret in its command line', async (t) => {
  const argv = runArgv(task, 'box1')
  const words = argv.join(' ')
  t.notMatch(words, 'hunter2')
  t.match(words, '--env=MYSQL_PWD ')
  t.match(words, '--network=container:c0ffee')
  t.match(words, '--label=io.summoner.box=box1 --label=io.summoner.kind=task')
  for (const flag of ['--rm', '--read-only', '--cap-drop=ALL', '--log-driver=none', '--pull=never'])
    t.ok(argv.includes(flag), flag)
  t.match(words, '--mount type=bind,source=/box/run/login,target=/login,readonly')
  t.match(words, /--entrypoint=mariadb-dump sha256:abc --host=127\.0\.0\.1 blog$/)
})
