/**
 * A server with WordPress, Ghost, a minion on MongoDB and one on PostgreSQL is lost with all that lay on it; another one,
 * which is given a destination's address and the recovery sheet, becomes it, and proves what it has.
 */
import t from 'tap'
import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { BackupSet } from '../../server/backups/set.ts'
import { succeeded, until } from '../aftermath.ts'
import { setsOf } from '../backup-box.ts'
import { createBox } from '../box.ts'
import { becomes } from '../destinations-rig.ts'
import { buildMongo, noGo } from '../dumps/mongodb.ts'
import { loseBox, recoverBox } from '../lost-box.ts'
import { installStandIns } from '../stand-ins/stand-ins.ts'

t.setTimeout(0)
/** ONLY="wekan mattermost" takes only these. */
const only = process.env['ONLY']?.split(' ')
const MINIONS = ['wordpress', 'ghost', 'wekan', 'mattermost'].filter((name) => only?.includes(name) ?? true)
const skip = noGo()
if (skip) throw new Error(skip)
const far = mkdtempSync(join(tmpdir(), 'summoner-far-'))
t.teardown(() => rmSync(far, { recursive: true, force: true }))
const copies = join(far, 'kit')
mkdirSync(copies)
const box = await createBox({ templates: [], catalogue: ['wekan', 'mattermost'], boot: false })
t.teardown(() => box.remove())
const templates = join(box.dir, 'minions')
installStandIns(templates, ['wekan', 'mattermost'])
addPrograms(join(templates, '.stand-ins/wekan-mongodb'))
box.configure(
  `  backups:\n    dump: "off"\n    cold: "off"\n    prove: "off"\n    destinations:\n      - {name: disk, to: ${copies}}\n`,
)

/** The image of MongoDB has them; its stand-in has only the server. */
function addPrograms(context: string): void {
  const made = resolve('test/images/ferretdb')
  buildMongo(made)
  for (const name of ['mongodump', 'mongorestore']) copyFileSync(join(made, 'bin', name), join(context, name))
  const file = join(context, 'Dockerfile')
  const text = readFileSync(file, 'utf8')
  writeFileSync(file, text.replace('\nVOLUME', '\nCOPY mongodump mongorestore /usr/local/bin/\nVOLUME'))
}

async function inside(minion: string, service: string, script: string, input = ''): Promise<string> {
  const { containers } = await box.minion(minion)
  const name = containers.find((container) => container.service === service)?.name ?? ''
  return execFileSync('docker', ['exec', '-i', name, 'sh', '-c', script], { input, encoding: 'utf8' }).trim()
}
const MYSQL = 'MYSQL_PWD="$MARIADB_ROOT_PASSWORD$MYSQL_ROOT_PASSWORD" exec mariadb -h127.0.0.1 -uroot -N'
const PSQL = 'PGPASSWORD="$POSTGRES_PASSWORD" exec psql -h 127.0.0.1 -U "$POSTGRES_USER" -d mattermost -At'
const MONGO = 'exec python3 -'
const mongo = (text: string) =>
  `import os, pymongo\nc = pymongo.MongoClient('127.0.0.1', username=os.environ['MONGO_INITDB_ROOT_USERNAME'], password=os.environ['MONGO_INITDB_ROOT_PASSWORD'], authMechanism='SCRAM-SHA-256')\n${text}`

/** What is written into each of them, and how it is read. */
const WORDS: Record<string, { service: string; shell: string; write: string; read: string }> = {
  wordpress: {
    service: 'mariadb',
    shell: MYSQL,
    write: "UPDATE wordpress.wp_options SET option_value='survived' WHERE option_name='blogname'",
    read: "SELECT option_value FROM wordpress.wp_options WHERE option_name='blogname'",
  },
  ghost: {
    service: 'mysql',
    shell: MYSQL,
    write: "CREATE TABLE ghost.kept (words TEXT) AS SELECT 'survived' AS words",
    read: 'SELECT words FROM ghost.kept',
  },
  mattermost: {
    service: 'postgres',
    shell: PSQL,
    write: "CREATE TABLE kept AS SELECT 'survived'::text AS words",
    read: 'SELECT words FROM kept',
  },
  wekan: {
    service: 'mongodb',
    shell: MONGO,
    write: mongo("c.wekan.kept.insert_one({'_id': 1, 'words': 'survived'})"),
    read: mongo("print(c.wekan.kept.find_one()['words'])"),
  },
}
const each = async (what: 'write' | 'read'): Promise<string[]> => {
  const said: string[] = []
  for (const name of MINIONS) {
    const { service, shell, [what]: text } = WORDS[name]!
    said.push(await inside(name, service, shell, text))
  }
  return said
}
const KEPT = MINIONS.map(() => 'survived')
const proveAll = async () => {
  for (const name of MINIONS) {
    const { code, stdout, stderr } = await box.cli(['prove', name])
    t.equal(code, 0, `${name}: ${stdout} ${stderr}`)
  }
}

t.test('the server: four minions, copied to a destination, proven', async (t) => {
  await box.boot()
  for (const template of MINIONS) succeeded(t, await box.run('POST', '/minions', { template }))
  await each('write')
  t.same(await each('read'), KEPT)
  const { code, stderr } = await box.cli(['backup'])
  t.equal(code, 0, stderr)
  await proveAll()
  await until('the set of the box', async () => (await setsOf(box, 'summoner'))[0]?.state === 'good')
  await becomes(box, 'disk', 'ok', 300_000)
})

let password = ''
t.test('it is lost, all but the sheet', async (t) => {
  password = await loseBox(t, box)
})

t.test('another one becomes it', async (t) => {
  t.comment(`back after ${await recoverBox(t, box, copies, password)} s`)
  t.same(await each('read'), KEPT)
  for (const name of MINIONS) {
    t.equal((await box.minion(name)).status, 'running', name)
    t.match((await box.visit(`${name}.${box.domain}`)).status, /^(?:200|30[1278])$/, name)
  }
})

t.test('and proves what it has', async (t) => {
  await proveAll()
  const { stdout } = await box.cli(['backups', '--json'])
  const { sets } = JSON.parse(stdout) as { sets: BackupSet[] }
  for (const name of MINIONS) {
    const proof = sets.find(({ minion, state }) => minion === name && state === 'good')?.proof
    t.match(proof, { passed: true }, name)
    t.ok(Date.now() - Date.parse(proof?.at ?? '') < 7 * 86_400_000, `${name}: younger than the schedule`)
  }
  for (const name of MINIONS) {
    const { stdout: shown } = await box.cli(['backups', name])
    t.match(shown, new RegExp(`${name}-\\d+.*✔ `), 'as a person sees it')
    succeeded(t, await box.run('POST', `/minions/${name}/dump`))
  }
})
