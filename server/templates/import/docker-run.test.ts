import t from 'tap'
import { parse } from 'yaml'
import type { ComposeFile } from '../template.ts'
import { imported, summonable } from './summonable.fixture.ts'

const run = (line: string, change = {}) => imported({}, { run: line, name: undefined, ...change })
const compose = (line: string, change = {}) =>
  parse(run(line, change).files['compose.yml'] ?? '{}') as ComposeFile

t.test('a line as people copy it', async (t) => {
  const line = `sudo docker run -d --name my_wiki \\
    -e TITLE="Our wiki & more" -e 'MOTTO=it costs $5' --env=MODE=\${MODE:-dark} \\
    -p 8080:3000 -p 127.0.0.1:9229:9229 -v wiki_data:/data -v "$PWD/conf.ini:/etc/wiki.ini:ro" \\
    --restart=unless-stopped --network web -m 256m -it --read-only --tmpfs /tmp \\
    --health-cmd "wget -q localhost:3000" --health-interval 5s \\
    example/wiki:2.1 serve --port 3000`
  const report = imported({ 'conf.ini': 'a=b' }, { run: line, name: undefined })
  t.ok(report.ok, JSON.stringify([report.refusals, report.questions]))
  t.equal(report.name, 'my-wiki')
  const { template, rendered } = summonable(report)
  t.match(template.compose.services['my-wiki'], {
    image: 'example/wiki:${MY_WIKI_VERSION}',
    environment: { TITLE: 'Our wiki & more', MOTTO: 'it costs $$5', MODE: '${MODE}', VIRTUAL_PORT: '3000' },
    command: ['serve', '--port', '3000'],
    volumes: ['${VOLUME_STORAGE_ROOT}/${MINION}/wiki-data:/data', './files/conf.ini:/etc/wiki.ini:ro'],
    mem_limit: '256m',
    read_only: true,
    tty: true,
    tmpfs: ['/tmp'],
    healthcheck: { test: ['CMD-SHELL', 'wget -q localhost:3000'], interval: '5s' },
  })
  t.equal(rendered.env['MODE'], 'dark')
  t.equal(template.description.resources.memory, 256)
  t.match(
    report.changes.find(({ what }) => what.startsWith('container_name')),
    { path: 'docker run', line: 1, column: 20 },
  )
})

t.test('more ways to say it', async (t) => {
  const rows: [line: string, service: object][] = [
    ['docker run -p80:80 -eA=b nginx:1.30.4-alpine', { environment: { A: 'b', VIRTUAL_PORT: '80' } }],
    [
      'docker container run -dit -u 5:6 -w /w -h box a:1',
      { user: '5:6', working_dir: '/w', hostname: 'box', tty: true },
    ],
    ['podman run --mount type=bind,src=./x,dst=/x,ro --mount type=tmpfs,target=/t a:1', { tmpfs: ['/t'] }],
    [
      'docker run --ulimit nofile=10:20 --ulimit core=0 --sysctl net.core.somaxconn=9 a:1',
      { ulimits: { nofile: { soft: 10, hard: 20 }, core: 0 }, sysctls: { 'net.core.somaxconn': '9' } },
    ],
    [
      'docker run --cap-drop=ALL --stop-timeout 90 --shm-size 1g --entrypoint /e a:1',
      { cap_drop: ['ALL'], stop_grace_period: '90s', shm_size: '1g', entrypoint: '/e' },
    ],
    ['docker run a:1 sh -c \'echo "$HOME"\'', { command: ['sh', '-c', 'echo "$$HOME"'] }],
    ['docker run --name nginx a:1', { image: 'a:${NGINX_2_VERSION}' }],
    ['docker run --rm --pull always --log-driver json-file a:1 # comment', { image: 'a:${A_VERSION}' }],
  ]
  for (const [line, service] of rows) t.match(Object.values(compose(line).services)[0], service, line)
})

t.test('refused with its column', async (t) => {
  const rows: [line: string, what: RegExp, column: number][] = [
    ['docker run --privileged a:1', /privileged/, 12],
    ['docker run -v a:/a -v /:/host a:1', /hands over \//, 20],
    ['docker run -v /var/run/docker.sock:/s a:1', /docker\.sock/, 12],
    ['docker run --mount type=bind,source=/etc,target=/e a:1', /\/etc/, 12],
    ['docker run --net=host a:1', /network:host/, 12],
    ['docker run --pid host a:1', /pid:host/, 12],
    ['docker run --cap-add SYS_ADMIN a:1', /cap:SYS_ADMIN/, 12],
    ['docker run --device /dev/kvm a:1', /device:\/dev\/kvm/, 12],
    ['docker run --gpus all a:1', /device:gpu/, 12],
    ['docker run --security-opt apparmor=unconfined a:1', /apparmor/, 12],
    ['docker run --volumes-from other a:1', /volumes_from/, 12],
    ['docker run --env-file /etc/x a:1', /outside/, 12],
    ['docker run --link db:db a:1', /not in the file/, 12],
    ['docker run --privilegd a:1', /did you mean "--privileged"/, 12],
    ['docker run -Z a:1', /-Z is not supported/, 12],
    ['docker run -e', /needs a value/, 12],
    ['docker run -d', /no image/, 1],
    ['docker ps', /not a docker run/, 8],
    ['rm -rf /', /not a docker run/, 1],
    ['', /not a docker run/, 1],
    ['docker run a:1 $(id)', /not run/, 16],
    ['docker run "a`id`:1"', /not run/, 14],
    ['docker run a:1; id', /shell/, 15],
    ['docker run a:1 && id', /shell/, 16],
    ['docker run a:1 > /etc/x', /shell/, 16],
    ["docker run 'a:1", /never closed/, 12],
    ['docker run "a:1', /never closed/, 12],
    ['docker run --mount type=bind,evil=1 a:1', /--mount evil/, 12],
    ['docker run A:1', /no image reference/, 12],
  ]
  for (const [line, what, column] of rows) {
    const report = run(line)
    t.notOk(report.ok, line)
    const refusal = report.refusals.find((each) => what.test(`${each.what} ${each.grant ?? ''}`))
    t.ok(refusal, `${line}: ${JSON.stringify(report.refusals)}`)
    t.match(refusal, { path: 'docker run', line: 1, column }, line)
  }
})
