/** MongoDB's own dump and restore programs, against a server that speaks its protocol. */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Case } from './conformance.ts'
import { image, type Server } from './rig.ts'

const CONTEXT = 'test/images/ferretdb'
const PROGRAMS = {
  // FerretDB's own command refuses to start when it was built as a part of another module
  ferretdb: '.',
  mongodump: 'github.com/mongodb/mongo-tools/mongodump/main',
  mongorestore: 'github.com/mongodb/mongo-tools/mongorestore/main',
}

const python = (server: Server, text: string) =>
  server.run(['python3', '-'], {
    input: `import bson, datetime, hashlib, json, sys\nfrom pymongo import MongoClient\nfrom bson.json_util import dumps, CANONICAL_JSON_OPTIONS as C\nc = MongoClient('127.0.0.1', serverSelectionTimeoutMS=3000)\ndb = c.shop\n${text}`,
  })

/** Made from source where Go is there; they are kept for the next run. */
export function buildMongo(dir: string): void {
  mkdirSync(join(dir, 'bin'), { recursive: true })
  for (const [name, path] of Object.entries(PROGRAMS))
    if (!existsSync(join(dir, 'bin', name)))
      execFileSync(
        'go',
        ['build', '-mod=mod', '-ldflags=-X main.VersionStr=100.10.0', '-o', join('bin', name), path],
        {
          cwd: dir,
          stdio: ['ignore', 'ignore', 'inherit'],
          timeout: 900_000,
          // its versions have no tags that Go's checksum database knows
          env: { ...process.env, CGO_ENABLED: '0', GONOSUMDB: 'github.com/mongodb/mongo-tools' },
        },
      )
}

export function noGo(): string | false {
  try {
    execFileSync('go', ['version'], { stdio: 'ignore' })
    return false
  } catch {
    return 'Go is not installed, so neither the server nor mongodump can be built'
  }
}

export const mongodb: Case = {
  name: 'mongodb',
  skip: noGo(),
  wish: () => ({
    engine: 'mongodb',
    image: image(CONTEXT, buildMongo),
    database: 'shop',
    account: { user: '', password: '' },
    ready: (server) => void python(server, 'c.admin.command("ping")'),
  }),
  // no indexes: FerretDB refuses the option `ns` that mongorestore gives with each
  fill: (server) =>
    void python(
      server,
      `db.kinds.insert_many([
  {'_id': 1, 'words': '😀 " \\\\ \\n \\x01', 'raw': bytes(range(256)), 'none': None, 'many': [1, None, {'a': {}}], 'when': datetime.datetime(2026, 3, 29, 2, 30, 0, 123000), 'big': bson.Int64(2**62), 'real': 1.7976931348623157e308, 'flag': True},
  {'_id': bson.ObjectId('65f000000000000000000001'), 'empty': '', 'doc': {'b': 1, 'a': 2}, 'regex': bson.Regex('a.*b', 'i'), 'stamp': bson.Timestamp(1, 2)},
  {'_id': 'long', 'words': 'é' * 1000000}])
db.kinds.insert_many([{'_id': n + 10, 'h': hashlib.sha512(str(n).encode()).hexdigest()} for n in range(5000)])
db['odd name.é'].insert_one({'_id': 1}); db.create_collection('empty'); c.other.things.insert_one({'_id': 1, 'a': 1})`,
    ),
  tell: (server) =>
    python(
      server,
      `for name in sorted(c.list_database_names()):
  if name in ('admin', 'config', 'local'): continue
  for coll in sorted(c[name].list_collection_names()):
    print(name, coll, json.dumps(c[name][coll].index_information(), sort_keys=True))
    for doc in sorted(dumps(d, json_options=C) for d in c[name][coll].find()): print(hashlib.sha256(doc.encode()).hexdigest())`,
    ),
  // the image has no shell of MongoDB, so only what the archive holds is replaced
  spoil: (server) =>
    void python(
      server,
      "db.kinds.delete_many({'_id': {'$gt': 50}}); db.kinds.update_one({'_id': 1}, {'$set': {'words': 'x'}}); db.kinds.insert_one({'_id': 'later'}); db.empty.drop()",
    ),
  gone: (server) => python(server, "print(db.kinds.count_documents({'_id': 'later'}))").trim() === '0',
  broken: Buffer.concat([
    Buffer.from([0x6d, 0xe2, 0x99, 0x81]),
    Buffer.alloc(500, 7),
    Buffer.from([0xff, 0xff, 0xff, 0xff]),
  ]),
  signIn: (server) => python(server, 'print(c.other.things.count_documents({}))').trim() === '1',
}
