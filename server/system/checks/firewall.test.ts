import t from 'tap'
import { execOf } from './exec.fixture.ts'
import { firewallCheck, firewalldAllows, iptablesAllows, nftAllows, ufwAllows } from './firewall.ts'

const check = (programs: Record<string, string>) =>
  firewallCheck({ exec: execOf(programs), ports: [80, 443] }).run()
const ufw = (rules: string) =>
  `Status: active\n\nTo                         Action      From\n--                         ------      ----\n${rules}`

t.test('good: open, or no firewall', async (t) => {
  t.match(await check({ 'ufw status': ufw('80,443/tcp                 ALLOW       Anywhere\n') }), {
    state: 'ok',
  })
  t.match(
    await check({
      'ufw status': 'Status: inactive\n',
      'nft list ruleset': '',
      'iptables -S INPUT': '-P INPUT ACCEPT\n',
    }),
    { state: 'ok', detail: /iptables/u },
  )
  t.match(await check({}), { state: 'skip' })
})
t.test('bad: the ports are blocked', async (t) => {
  t.match(
    await check({
      'ufw status': ufw(
        '22/tcp                     ALLOW       Anywhere\n80/tcp                     DENY        Anywhere\n',
      ),
    }),
    {
      state: 'warn',
      detail: 'ufw seems to block port 80 and 443.',
      hint: 'Run `ufw allow 80,443/tcp`',
    },
  )
  t.match(await check({ 'firewall-cmd --list-all': '  services: ssh http\n  ports: \n' }), {
    state: 'warn',
    detail: 'firewalld seems to block port 443.',
    hint: /--add-port=443\/tcp/u,
  })
})

t.test('rules of ufw', async (t) => {
  const allows = (to: string, port: number) => ufwAllows(ufw(`${to.padEnd(26)} ALLOW       Anywhere\n`), port)
  for (const to of ['80', '80/tcp', '80 (v6)', '80,443/tcp', '8:90/tcp', 'Nginx Full', 'WWW', 'Anywhere'])
    t.equal(allows(to, 80), true, to)
  for (const to of ['8080', '443/tcp', 'OpenSSH', '80/udp']) t.equal(allows(to, 80), false, to)
})
t.test('rules of firewalld', async (t) => {
  t.equal(firewalldAllows('public\n  target: default\n  services: http https\n  ports: ', 443), true)
  t.equal(firewalldAllows('  services: ssh\n  ports: 80/tcp 400-500/tcp', 443), true)
  t.equal(firewalldAllows('  target: ACCEPT\n', 443), true)
  t.equal(firewalldAllows('  services: ssh\n  ports: 443/udp', 443), false)
})
t.test('rules of nftables', async (t) => {
  const chain = (policy: string, rule: string) =>
    `table inet filter {\n\tchain input {\n\t\ttype filter hook input priority filter; policy ${policy};\n\t\t${rule}\n\t}\n}`
  t.equal(nftAllows(chain('accept', ''), 80), true)
  t.equal(nftAllows(chain('drop', 'tcp dport { 22, 80, 443 } accept'), 80), true)
  t.equal(nftAllows(chain('drop', 'tcp dport 80 accept'), 80), true)
  t.equal(nftAllows(chain('drop', 'tcp dport { ssh, http } accept'), 80), true)
  t.equal(nftAllows(chain('drop', 'tcp dport 80 drop'), 80), false)
  t.equal(nftAllows(chain('drop', 'tcp dport 22 accept'), 80), false)
})
t.test('rules of iptables', async (t) => {
  t.equal(iptablesAllows('-P INPUT ACCEPT\n', 80), true)
  t.equal(iptablesAllows('-P INPUT DROP\n-A INPUT -p tcp -m multiport --dports 80,443 -j ACCEPT\n', 80), true)
  t.equal(iptablesAllows('-P INPUT DROP\n-A INPUT -p tcp -m tcp --dport 80 -j ACCEPT\n', 80), true)
  t.equal(iptablesAllows('-P INPUT DROP\n-A INPUT -i lo -j ACCEPT\n', 80), false)
  t.equal(iptablesAllows('-P INPUT DROP\n-A INPUT -p tcp --dport 80 -j DROP\n', 80), false)
})
