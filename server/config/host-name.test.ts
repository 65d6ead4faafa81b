import t from 'tap'
import { domainProblem, hostOf, labelsProblem, subdomainProblem, subnetProblem } from './host-name.ts'

const label63 = 'a'.repeat(63)
const domains = [
  'localhost',
  'example.org',
  'kit.test',
  'a.b.c.d',
  'xn--caf-dma.example',
  '3com.com',
  `${label63}.example`,
  'a-b.example',
]
for (const domain of domains) t.equal(domainProblem(domain), undefined, domain)
const noDomains = [
  '',
  '.',
  'a.',
  '.a',
  'a..b',
  '-a.b',
  'a-.b',
  'A.b',
  'a_b.c',
  'a b.c',
  'org',
  '1.2.3.4',
  '::1',
  'a.1',
  'a.b;',
  'a.b\n',
  `${label63}a.b`,
  'é.fr',
]
for (const domain of noDomains) t.type(domainProblem(domain), 'string', JSON.stringify(domain))

t.equal(subdomainProblem('@'), undefined)
t.equal(subdomainProblem('a.b'), undefined)
t.equal(subdomainProblem('404'), undefined)
for (const subdomain of ['', '*', 'a.', 'a@', '@.a', 'a/b', '$x'])
  t.type(subdomainProblem(subdomain), 'string', subdomain)
t.equal(hostOf('@', 'a.example'), 'a.example')
t.equal(hostOf('b', 'a.example'), 'b.a.example')
t.equal(labelsProblem(`${'abcd.'.repeat(50)}abc`), undefined, '253 characters')
t.match(labelsProblem(`${'abcd.'.repeat(50)}abcd`), /254/)

const ranges = [
  '10.0.0.0/8',
  '10.213.0.0/16',
  '172.16.0.0/12',
  '172.31.255.0/24',
  '192.168.0.0/16',
  '192.168.7.0/24',
]
for (const range of ranges) t.equal(subnetProblem(range), undefined, range)
const noRanges: [range: string, problem: RegExp][] = [
  ['', /write/],
  ['10.0.0.0', /write/],
  ['10.0.0/8', /write/],
  ['010.0.0.0/8', /write/],
  ['10.0.0.0/8 ', /write/],
  ['10.0.0.0/7', /between/],
  ['10.0.0.0/25', /between/],
  ['10.1.0.0/8', /10\.0\.0\.0\/8/],
  ['172.32.0.0/16', /within/],
  ['172.0.0.0/8', /within/],
  ['192.168.0.0/15', /within/],
  ['127.0.0.0/8', /within/],
  ['0.0.0.0/8', /within/],
]
for (const [range, problem] of noRanges) t.match(subnetProblem(range), problem, JSON.stringify(range))
