/** Redis and Valkey with every kind of value. */
import type { Case } from './conformance.ts'
import type { Server } from './rig.ts'

const cli = (server: Server, name: string, text: string) =>
  server.run([`${name}-cli`, '--no-auth-warning'], { input: text, env: { REDISCLI_AUTH: 'key' } })

const cliLater = (server: Server, name: string, input: string) =>
  server.later([`${name}-cli`, '--no-auth-warning'], { input, env: { REDISCLI_AUTH: 'key' } })

/** Every key of every database with its type, its value as the server packs it, and whether it ends. */
const TELL = `
local all = {}
for db = 0, 15 do
  redis.call('SELECT', db)
  local keys = redis.call('KEYS', '*')
  table.sort(keys)
  for _, key in ipairs(keys) do
    local kind = redis.call('TYPE', key).ok
    local value = ''
    if kind == 'string' then value = redis.sha1hex(redis.call('GET', key))
    elseif kind == 'list' then value = redis.sha1hex(table.concat(redis.call('LRANGE', key, 0, -1), '|'))
    elseif kind == 'set' then local m = redis.call('SMEMBERS', key); table.sort(m); value = redis.sha1hex(table.concat(m, '|'))
    elseif kind == 'hash' then local h = redis.call('HGETALL', key); local p = {}; for i = 1, #h, 2 do p[#p + 1] = h[i] .. '=' .. h[i + 1] end; table.sort(p); value = redis.sha1hex(table.concat(p, '|'))
    elseif kind == 'zset' then value = redis.sha1hex(table.concat(redis.call('ZRANGE', key, 0, -1, 'WITHSCORES'), '|'))
    elseif kind == 'stream' then value = cjson.encode(redis.call('XRANGE', key, '-', '+')) .. cjson.encode(redis.call('XINFO', 'GROUPS', key))
    end
    all[#all + 1] = db .. ' ' .. redis.sha1hex(key) .. ' ' .. kind .. ' ' .. value .. ' ' .. redis.call('PEXPIRETIME', key)
  end
end
return all
`

export const redis = (name: 'redis' | 'valkey', image: () => string, args: string[] = []): Case => ({
  name: args.includes('yes') ? `${name} with an append-only file` : name,
  wish: (dir) => ({
    engine: 'redis',
    image: image(),
    database: 'cache',
    account: { user: '', password: 'key' },
    passwordEnv: { file: `${dir}/minion.env`, key: 'SHOP_CACHE_PASSWORD' },
    args: [`${name}-server`, '--bind', '0.0.0.0', '--dir', '/data', '--requirepass', 'key', ...args],
    ready: (server) => {
      if (!cli(server, name, 'PING\n').includes('PONG')) throw new Error('not yet')
    },
  }),
  fill(server) {
    const lines = [
      String.raw`SET "odd \x00\xff\n key" "\x00\x01\xff\r\n😀"`,
      'SET number 12345678901234567890',
      `SET big ${'x'.repeat(500_000)}`,
      'SET ends soon EX 100000',
      `RPUSH list a "" "it's" 3`,
      'SADD set 1 2 3 word',
      'HSET hash a 1 "b c" ""',
      'ZADD zset 1.5 a -inf b 1e308 c',
      'XADD stream 1-1 a b',
      'XADD stream 2-1 c d',
      'XGROUP CREATE stream group 1-1',
      'PFADD guess a b c',
      'SETBIT bits 100 1',
      'GEOADD places 2.35 48.85 paris',
      'SELECT 5',
      'SET other database',
      ...Array.from({ length: 5000 }, (_, n) => `SET key${n} ${'v'.repeat(n % 100)}${n}`),
    ]
    const said = cli(server, name, `${lines.join('\n')}\n`)
    if (/ERR/.test(said)) throw new Error(said.split('\n').find((line) => line.includes('ERR')))
  },
  tell: (server) =>
    server.run([`${name}-cli`, '--no-auth-warning', 'EVAL', TELL, '0'], { env: { REDISCLI_AUTH: 'key' } }),
  spoil: (server) => void cli(server, name, 'DEL list hash\nSET number 1\nSET later 1\nSELECT 5\nFLUSHDB\n'),
  gone: (server) => cli(server, name, 'EXISTS later\n').trim() === '0',
  signIn: (server) => cli(server, name, 'GET number\n').includes('12345678901234567890'),
  broken: Buffer.concat([
    Buffer.from('REDIS0011'),
    Buffer.alloc(500, 0x7b),
    Buffer.from([0xff]),
    Buffer.alloc(8),
  ]),
  stoppedAtOnce: (server) => cli(server, name, 'GET number\n').includes('12345678901234567890'),
  write: (server, many) =>
    cliLater(server, name, Array.from({ length: many }, () => 'MULTI\nINCR one\nINCR two\nEXEC\n').join('')),
  even: (server) => {
    const [one, two] = cli(server, name, 'GET one\nGET two\n').trim().split('\n')
    return one === two
  },
})
