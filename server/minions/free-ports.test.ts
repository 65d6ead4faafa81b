import t from 'tap'
import { sampleContainer } from '../../test/samples.ts'
import { refuseTakenPorts } from './free-ports.ts'

const tried = (held: Record<number, string[]>, state?: 'running' | 'exited') =>
  refuseTakenPorts({
    box: { httpPort: 80, httpsPort: 443 },
    projection: { ours: () => (state ? [sampleContainer({ state })] : []) },
    portHolders: async (port: number) => held[port] ?? [],
  } as unknown as Parameters<typeof refuseTakenPorts>[0])

t.test('names who holds a port, unless it is our own nginx', async (t) => {
  await t.resolves(tried({}))
  await t.rejects(tried({ 443: ['apache2 (pid 7)'] }), {
    code: 'port.taken',
    message: /443: apache2 \(pid 7\)/,
  })
  await t.rejects(tried({ 80: ['caddy'] }, 'exited'), { code: 'port.taken' })
  await t.resolves(tried({ 80: ['nginx'] }, 'running'))
})
