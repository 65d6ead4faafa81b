import t from 'tap'
import { unmetNeeds } from './host-needs.ts'

const host =
  (files: Record<string, string>) =>
  async (path: string): Promise<string> => {
    const text = files[path]
    if (text === undefined) throw new Error('no such file')
    return text
  }
const map = '/proc/sys/vm/max_map_count'
const flags = (list: string) => ({ '/proc/cpuinfo': `processor\t: 0\nflags\t\t: ${list}\nbugs\t: x\n` })

t.test('a kernel setting below what is needed is named with the command that raises it', async (t) => {
  const needs = { sysctl: { 'vm.max_map_count': '524288' } }
  t.same(await unmetNeeds(needs, host({ [map]: '524288\n' })), [])
  t.same(await unmetNeeds(needs, host({ [map]: '9223372036854775807\n' })), [])
  const [unmet] = await unmetNeeds(needs, host({ [map]: '65530\n' }))
  t.match(unmet, { detail: /vm\.max_map_count is 65530; 524288/, hint: /sysctl -w vm\.max_map_count=524288/ })
})

t.test('a processor without a flag is named; other architectures have no such flags', async (t) => {
  const needs = { cpu: ['avx'] }
  t.same(await unmetNeeds(needs, host(flags('fpu avx sse')), 'x64'), [])
  t.match(await unmetNeeds(needs, host(flags('fpu sse avx2')), 'x64'), [{ detail: /no AVX/ }])
  t.same(await unmetNeeds(needs, host(flags('fp asimd')), 'arm64'), [])
})

t.test('what the host does not tell is not held against it', async (t) => {
  const needs = { sysctl: { 'vm.max_map_count': '1' }, cpu: ['avx'] }
  t.same(await unmetNeeds(needs, host({}), 'x64'), [])
  t.same(await unmetNeeds({}, host({}), 'x64'), [])
})
