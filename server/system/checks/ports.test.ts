import t from 'tap'
import { portsCheck } from './ports.ts'

/** port -> program that listens. */
function check(held: Record<number, string>, serving: boolean) {
  const ports = Object.keys(held).map(Number)
  const row = (port: number) =>
    `   0: 00000000:${port.toString(16).toUpperCase().padStart(4, '0')} 00000000:0000 0A 0:0 0:0 0 0 0 ${port}`
  const files = {
    read: async (path: string) => {
      if (path === '/proc/net/tcp') return ['head', ...ports.map(row)].join('\n')
      return held[Number(/^\/proc\/(\d+)\/comm$/u.exec(path)?.[1])] ?? ''
    },
    list: async (path: string) => (path === '/proc' ? ports.map(String) : ['3']),
    link: async (path: string) => `socket:[${path.split('/')[2]}]`,
  }
  return portsCheck({ files, ports: [80, 443], serving: async () => serving }).run()
}

t.test('good: free, or held by our nginx', async (t) => {
  t.match(await check({}, false), { state: 'ok', detail: '80 and 443 are free.' })
  t.match(await check({ 80: 'nginx', 443: 'nginx' }, true), {
    state: 'ok',
    detail: 'nginx holds 80 and 443.',
  })
})
t.test('bad: somebody else, another nginx, half a proxy', async (t) => {
  t.match(await check({ 80: 'apache2' }, false), {
    state: 'fail',
    detail: 'Port 80 is held by apache2 (process 80).',
    hint: /disable/u,
  })
  t.match(await check({ 80: 'nginx', 443: 'haproxy' }, true), {
    state: 'fail',
    detail: /443 is held by haproxy/u,
  })
  t.match(await check({ 80: 'nginx' }, false), { state: 'fail', detail: /nginx that is not ours/u })
  t.match(await check({ 80: 'nginx' }, true), {
    state: 'warn',
    detail: /does not listen on 443/u,
    hint: /restart nginx/u,
  })
})
