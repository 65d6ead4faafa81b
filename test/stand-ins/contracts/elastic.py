"""The Elastic stack 9: elasticsearch (9200), kibana (5601), logstash (5044, 9600), filebeat. STAND_IN_PART says which."""
import glob
from stand_in import *

store, words = None, set()


def account(request):
    name, password = request.basic
    row = name and store.one('SELECT * FROM security_user WHERE name = %s', name)
    if not row or not matches(password or '', row['password']):
        raise Answer(401, {'error': {'type': 'security_exception', 'reason': 'unable to authenticate user'}, 'status': 401}, WWW_Authenticate='Basic realm="security"')
    return row


def superuser(request):
    row = account(request)
    if 'superuser' not in row['roles']:
        raise Answer(403, {'error': {'type': 'security_exception', 'reason': f'action is unauthorized for user [{row["name"]}]'}, 'status': 403})


def put_user(name, password, roles):
    store.run('INSERT INTO security_user VALUES (%s, %s, %s) ON CONFLICT (name) DO UPDATE SET password = excluded.password', name, hashed(password), ' '.join(roles))


def elasticsearch():
    global store

    @route('GET', '/')
    def root(request):
        account(request)
        return {'name': env('node.name'), 'cluster_name': env('cluster.name'), 'version': {'number': '9.5.2'}, 'tagline': 'This is a stand-in, not Elasticsearch'}

    @route('GET', '/_cluster/health')
    def health(request):
        account(request)
        return {'status': 'green', 'timed_out': False}

    @route('POST', '/_security/user/([^/]+)/_password')
    def password(request, name):
        superuser(request)
        put_user(name, request.json['password'], [name])
        return {}

    @route('PUT', '/_security/user/([^/]+)')
    def user(request, name):
        superuser(request)
        put_user(name, request.json['password'], request.json['roles'])
        return {'created': True}

    @route('PUT', '/(_security/role|_index_template|_snapshot)/([^/]+)')
    def named(request, kind, name):
        superuser(request)
        if kind == '_snapshot' and not request.json['settings']['location'].startswith(env('path.repo', '-')):
            return Answer(400, {'error': {'reason': 'location does not match any of the locations specified by path.repo'}})
        store.run('INSERT OR REPLACE INTO named VALUES (%s, %s)', f'{kind}/{name}', json.dumps(request.json))
        return {'acknowledged': True}

    @route('POST', '/([a-z][^/]*)/_doc')
    def add(request, index):
        account(request)
        store.run('INSERT INTO documents (index_name, source) VALUES (%s, %s)', index, request.raw.decode())
        return Answer(201, {'_index': index, 'result': 'created'})

    @route('GET', '/([a-z][^/]*)/_search')
    def search(request, index):
        account(request)
        like = index.replace('*', '%')
        rows = store.run('SELECT source FROM documents WHERE index_name LIKE %s ORDER BY id DESC LIMIT 50', like)
        total = store.one('SELECT COUNT(*) AS n FROM documents WHERE index_name LIKE %s', like)['n']
        return {'hits': {'total': {'value': total}, 'hits': [{'_source': json.loads(row['source'])} for row in rows]}}

    if env('discovery.type') != 'single-node':
        fail('the default discovery settings are unsuitable for production use; at least one of [discovery.seed_hosts, cluster.initial_master_nodes] must be configured')
    if not os.access('/usr/share/elasticsearch/data', os.W_OK):
        fail('AccessDeniedException: /usr/share/elasticsearch/data/node.lock')
    store = sqlite('/usr/share/elasticsearch/data/nodes.db')
    for table in ('security_user (name TEXT PRIMARY KEY, password TEXT, roles TEXT)', 'named (name TEXT PRIMARY KEY, body TEXT)', 'documents (id INTEGER PRIMARY KEY, index_name TEXT, source TEXT)'):
        store.run(f'CREATE TABLE IF NOT EXISTS {table}')
    if not store.one('SELECT 1 FROM security_user'):
        put_user('elastic', env('ELASTIC_PASSWORD', token()), ['superuser'])
    serve(9200)


def ask(path, user, password, method='GET', body=None):
    word = base64.b64encode(f'{user}:{password}'.encode()).decode()
    sent = urllib.request.Request(f'http://elasticsearch:9200{path}', method=method, data=body, headers={'Authorization': f'Basic {word}', 'Content-Type': 'application/json'})
    with urllib.request.urlopen(sent, timeout=10) as answer:
        return json.loads(answer.read())


def kibana():
    user, password = env('ELASTICSEARCH_USERNAME'), env('ELASTICSEARCH_PASSWORD')
    if user == 'elastic':
        fail('FATAL  Error: [config validation of [elasticsearch].username]: value of "elastic" is forbidden.')
    if len(env('XPACK_ENCRYPTEDSAVEDOBJECTS_ENCRYPTIONKEY', '')) < 32:
        fail('FATAL  Error: [xpack.encryptedSavedObjects.encryptionKey]: value must have a minimum length of [32].')
    ask('/_cluster/health', user, password)

    @route('GET', '/')
    def root(request):
        return Answer(302, '', Location='/login')

    @route('GET', '/login')
    def front(request):
        return front_page('Kibana')

    @route('POST', '/internal/security/login')
    def sign_in(request):
        given = request.json['params']
        if request.headers.get('kbn-xsrf') is None:
            return Answer(400, {'message': 'Request must contain a kbn-xsrf header.'})
        try:
            ask('/', given['username'], given['password'])
        except urllib.error.HTTPError:
            return Answer(401, {'message': 'Unauthorized'})
        word = base64.b64encode(json.dumps([given['username'], given['password']]).encode()).decode()
        words.add(word)
        return Answer(200, {'location': '/'}, Set_Cookie=f'sid={word}; Secure; HttpOnly; Path=/')

    def session(request):
        if request.cookies.get('sid') not in words:
            raise Answer(401, {'message': 'Unauthorized'})
        return json.loads(base64.b64decode(request.cookies['sid']))

    @route('POST', '/api/saved_objects/dashboard/([^/]+)')
    def save(request, id):
        ask('/kibana/_doc', *session(request), 'POST', json.dumps({'id': id, **request.json}).encode())
        return {'id': id}

    @route('GET', '/api/saved_objects/dashboard/([^/]+)')
    def load(request, id):
        hits = ask('/kibana/_search', *session(request))['hits']['hits']
        found = [hit['_source'] for hit in hits if hit['_source']['id'] == id]
        return found[0] if found else Answer(404, {'message': 'Not Found'})

    @route('GET', '/api/logs')
    def logs(request):
        return ask('/logs-summoner-default/_search', *session(request))['hits']

    serve(5601)


def logstash():
    import socketserver

    password = env('LOGSTASH_PASSWORD', refuse='Pipeline error: cannot evaluate ${LOGSTASH_PASSWORD}')
    if 'beats' not in open('/usr/share/logstash/pipeline/logstash.conf').read():
        fail('No configuration found in the configured sources.')

    class Beats(socketserver.StreamRequestHandler):
        def handle(self):
            for line in self.rfile:
                ask('/logs-summoner-default/_doc', 'summoner_logstash', password, 'POST', line)

    @route('GET', '/')
    def root(request):
        return Answer(200, '{"host":"logstash","version":"9.5.2","status":"green"}', Content_Type='application/json')

    beats = socketserver.ThreadingTCPServer(('0.0.0.0', 5044), Beats)
    threading.Thread(target=beats.serve_forever, daemon=True).start()
    serve(9600)


def filebeat(*arguments):
    if arguments[:2] == ('test', 'output'):
        socket.create_connection(('logstash', 5044), 5).close()
        return print('logstash: logstash:5044... talk to server... OK')
    if '--strict.perms=false' not in arguments:
        fail('Exiting: error loading config file: config file ("filebeat.yml") can only be writable by the owner')
    if not os.path.exists('/var/run/docker.sock'):
        fail('add_docker_metadata: no docker socket')
    files = glob.glob('/var/lib/docker/containers/*/*.log')
    with socket.create_connection(('logstash', 5044), 10) as output:
        for file in sorted(files, key=os.path.getmtime)[-3:]:
            with open(file, errors='replace') as lines:
                for line in lines.readlines()[-5:]:
                    output.sendall(line.rstrip('\n').encode() + b'\n')
    print(f'harvested {len(files)} files', flush=True)
    until_stopped()


COMMANDS = {'filebeat': filebeat}


def main():
    {'elasticsearch': elasticsearch, 'kibana': kibana, 'logstash': logstash, 'filebeat': lambda: filebeat(*sys.argv[2:])}[env('STAND_IN_PART')]()
    until_stopped()
