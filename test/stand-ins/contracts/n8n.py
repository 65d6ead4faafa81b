"""n8nio/n8n:2 and n8nio/runners:2: PostgreSQL, uid 1000, port 5678, ~/.n8n with the key, an owner set up over HTTP."""
from stand_in import *

TABLES = [
    'CREATE TABLE IF NOT EXISTS "user" (id UUID PRIMARY KEY DEFAULT gen_random_uuid(), email VARCHAR(255) UNIQUE, password VARCHAR(255), "roleSlug" VARCHAR(64))',
    'CREATE TABLE IF NOT EXISTS auth_session (word VARCHAR(64) PRIMARY KEY, user_id UUID)',
    'CREATE TABLE IF NOT EXISTS workflow_entity (id VARCHAR(36) PRIMARY KEY, name VARCHAR(128), active BOOL, nodes JSON)',
    'CREATE TABLE IF NOT EXISTS credentials_entity (id VARCHAR(36) PRIMARY KEY, name VARCHAR(128), data TEXT)',
]
store = None


def owner():
    return store.one('SELECT * FROM "user" WHERE email IS NOT NULL LIMIT 1')


def user_of(request):
    row = store.one('SELECT u.* FROM "user" u JOIN auth_session s ON s.user_id = u.id WHERE s.word = %s', request.cookies.get('n8n-auth', ''))
    if not row:
        raise Answer(401, {'status': 'error', 'message': 'Unauthorized'})
    return row


@route('GET', '/healthz(?:/readiness)?')
def health(request):
    store.run('SELECT 1 FROM workflow_entity LIMIT 1')
    return {'status': 'ok'}


@route('GET', '/rest/settings')
def settings(request):
    return {'data': {'userManagement': {'showSetupOnFirstLoad': owner() is None}, 'urlBaseEditor': env('N8N_EDITOR_BASE_URL')}}


@route('POST', '/rest/owner/setup')
def set_up(request):
    wanted = request.json
    if owner():
        return Answer(400, {'code': 400, 'message': 'Instance owner already setup'})
    if not re.fullmatch(r'(?=.*\d)(?=.*[A-Z]).{8,64}', wanted.get('password', '')):
        return Answer(400, {'code': 400, 'message': 'Password must be 8 to 64 characters long. Password must contain at least 1 number. Password must contain at least 1 uppercase letter.'})
    if not all(wanted.get(key) for key in ('email', 'firstName', 'lastName')):
        return Answer(400, {'code': 400, 'message': 'First and last names are mandatory'})
    store.run('INSERT INTO "user" (email, password, "roleSlug") VALUES (%s, %s, %s)', wanted['email'].lower(), hashed(wanted['password']), 'global:owner')
    return {'data': {'email': wanted['email']}}


@route('POST', '/rest/login')
def login(request):
    wanted = request.json
    row = store.one('SELECT * FROM "user" WHERE email = %s', wanted.get('emailOrLdapLoginId', '').lower())
    if not row or not matches(wanted.get('password', ''), row['password']):
        return Answer(401, {'code': 401, 'message': 'Wrong username or password. Do you have caps lock on?'})
    word = token(40)
    store.run('INSERT INTO auth_session VALUES (%s, %s)', word, row['id'])
    return Answer(200, {'data': {'email': row['email']}}, Set_Cookie=f'n8n-auth={word}; Path=/; HttpOnly; Secure; SameSite=Lax')


@route('POST', '/rest/workflows')
def create(request):
    user_of(request)
    id = token(16)
    store.run('INSERT INTO workflow_entity VALUES (%s, %s, %s, %s::json)', id, request.json['name'], request.json.get('active', False), json.dumps(request.json.get('nodes', [])))
    return {'data': {'id': id, 'name': request.json['name']}}


@route('GET', '/rest/workflows')
def workflows(request):
    user_of(request)
    return {'data': store.run('SELECT id, name FROM workflow_entity')}


@route('POST', '/webhook/([a-z0-9-]+)')
def webhook(request, path):
    for row in store.run('SELECT * FROM workflow_entity WHERE active'):
        if any(node.get('type') == 'n8n-nodes-base.webhook' and node['parameters']['path'] == path for node in row['nodes']):
            return {'message': 'Workflow was started'}
    return Answer(404, {'code': 404, 'message': f'The requested webhook "POST {path}" is not registered.'})


@route('GET', '/(?:signin)?')
def front(request):
    return front_page('n8n', '' if owner() else '<form>set-up</form>')


def broker():
    """The port that runners ask; only with their shared word."""
    listener = socket.create_server((env('N8N_RUNNERS_BROKER_LISTEN_ADDRESS', '127.0.0.1'), 5679))
    while True:
        connection, _ = listener.accept()
        with connection:
            said = connection.recv(1000).decode(errors='replace').strip()
            connection.sendall(b'ok\n' if hmac.compare_digest(said, env('N8N_RUNNERS_AUTH_TOKEN', '')) else b'no\n')


def main():
    global store
    if env('STAND_IN_PART') == 'runners':
        address = urllib.parse.urlsplit(env('N8N_RUNNERS_TASK_BROKER_URI', refuse='N8N_RUNNERS_TASK_BROKER_URI is required'))
        word = env('N8N_RUNNERS_AUTH_TOKEN', refuse='N8N_RUNNERS_AUTH_TOKEN is required')
        with socket.create_connection((address.hostname, address.port), 10) as connection:
            connection.sendall(word.encode())
            if connection.recv(10) != b'ok\n':
                fail('the task broker refused the grant token')
        print('runner: connected', flush=True)
        return until_stopped()
    home = os.path.expanduser('/home/node/.n8n')
    key, file = env('N8N_ENCRYPTION_KEY', token(32)), f'{home}/config'
    if os.path.exists(file) and json.load(open(file))['encryptionKey'] != key:
        fail('Error: Mismatching encryption keys. The encryption key in the settings file does not match the N8N_ENCRYPTION_KEY env var.')
    open(file, 'w').write(json.dumps({'encryptionKey': key}))
    if env('DB_TYPE', 'sqlite') != 'postgresdb':
        fail('this stand-in keeps the contract with PostgreSQL only')
    store = patiently(postgres(env('DB_POSTGRESDB_HOST'), env('DB_POSTGRESDB_DATABASE'), env('DB_POSTGRESDB_USER'), env('DB_POSTGRESDB_PASSWORD')), 10, 3, 'There was an error initializing DB')
    for table in TABLES:
        store.run(table)
    if env('N8N_RUNNERS_MODE') == 'external':
        threading.Thread(target=broker, daemon=True).start()
    serve(5678)
    until_stopped()
