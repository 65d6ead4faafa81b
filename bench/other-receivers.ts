/** Programs that teams take webhooks with otherwise, each set up to check the same signature. */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { program } from './program.ts'

/** Does nothing, and is undefined, where the program cannot be had. */
export type Receiver = <T>(
  dir: string,
  secret: string,
  work: (port: number, path: string) => Promise<T>,
) => Promise<T | undefined>

/** From the distribution's package, unpacked into the box's folder. */
export const withWebhook: Receiver = async (dir, secret, work) => {
  const folder = join(dir, 'webhook')
  mkdirSync(folder)
  const binary = join(folder, 'usr/bin/webhook')
  try {
    await program('apt-get', ['download', 'webhook'], { cwd: folder })
    const [file] = readdirSync(folder).filter((name) => name.endsWith('.deb'))
    await program('dpkg-deb', ['-x', join(folder, file ?? ''), folder])
  } catch {
    return undefined
  }
  if (!existsSync(binary)) return undefined
  const rule = {
    match: {
      type: 'payload-hmac-sha256',
      secret,
      parameter: { source: 'header', name: 'X-Hub-Signature-256' },
    },
  }
  const hooks = join(folder, 'hooks.json')
  writeFileSync(hooks, JSON.stringify([{ id: 'hub', 'execute-command': '/bin/true', 'trigger-rule': rule }]))
  const port = await freePort()
  return served(
    spawn(binary, ['-hooks', hooks, '-ip', '127.0.0.1', '-port', String(port)], { stdio: 'ignore' }),
    port,
    () => work(port, '/hooks/hub'),
  )
}

const NODE_RED = 'node-red@4'

/** From npm, installed once below the folder for temporary files: http in, a function that checks, http response. */
export const withNodeRed: Receiver = async (dir, secret, work) => {
  const installed = join(tmpdir(), 'summoner-bench-node-red')
  const entry = join(installed, 'node_modules/node-red/red.js')
  try {
    if (!existsSync(entry)) {
      mkdirSync(installed, { recursive: true })
      await program('npm', ['install', '--no-audit', '--no-fund', '--prefix', installed, NODE_RED])
    }
  } catch {
    return undefined
  }
  const folder = join(dir, 'node-red')
  mkdirSync(folder)
  const check = `
    const made = 'sha256=' + global.get('crypto').createHmac('sha256', ${JSON.stringify(secret)})
      .update(JSON.stringify(msg.payload)).digest('hex')
    msg.statusCode = made === msg.req.headers['x-hub-signature-256'] ? 202 : 401
    msg.payload = {}
    return msg`
  const flow = [
    { id: 'tab', type: 'tab', label: 'hooks' },
    { id: 'in', type: 'http in', z: 'tab', url: '/hook', method: 'post', wires: [['check']] },
    { id: 'check', type: 'function', z: 'tab', func: check, outputs: 1, wires: [['out']] },
    { id: 'out', type: 'http response', z: 'tab', wires: [] },
  ]
  const port = await freePort()
  writeFileSync(join(folder, 'flows.json'), JSON.stringify(flow))
  writeFileSync(
    join(folder, 'settings.js'),
    `module.exports = { uiHost: '127.0.0.1', uiPort: ${port}, httpAdminRoot: false, disableEditor: true, flowFile: 'flows.json',
      telemetry: { enabled: false }, functionGlobalContext: { crypto: require('crypto') }, logging: { console: { level: 'error' } } }\n`,
  )
  return served(
    spawn(process.execPath, [entry, '--userDir', folder, '--settings', join(folder, 'settings.js')], {
      stdio: 'ignore',
    }),
    port,
    () => work(port, '/hook'),
  )
}

/** Works once the port is open; the program ends with it. */
async function served<T>(server: ChildProcess, port: number, work: () => Promise<T>): Promise<T | undefined> {
  try {
    for (let tries = 0; tries < 300; tries++) {
      if (server.exitCode !== null) return undefined
      const open = await fetch(`http://127.0.0.1:${port}/`).then(
        () => true,
        () => false,
      )
      if (open) {
        // the port is open before the flow is
        await sleep(1000)
        return await work()
      }
      await sleep(100)
    }
    return undefined
  } finally {
    if (server.exitCode === null) {
      const gone = once(server, 'exit')
      server.kill()
      await gone
    }
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  return port
}
