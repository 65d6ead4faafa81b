"""forgejo:15: PostgreSQL, uid 1000 (git), port 3000, /data, the forgejo tool, webhooks signed with HMAC-SHA-256."""
from stand_in import *

TABLES = [
    'CREATE TABLE IF NOT EXISTS "user" (id BIGSERIAL PRIMARY KEY, lower_name VARCHAR(255) UNIQUE, name VARCHAR(255), email VARCHAR(255), passwd VARCHAR(255), is_admin BOOL)',
    'CREATE TABLE IF NOT EXISTS access_token (id BIGSERIAL PRIMARY KEY, uid BIGINT, name VARCHAR(255), token_hash VARCHAR(255), scope VARCHAR(255))',
    'CREATE TABLE IF NOT EXISTS repository (id BIGSERIAL PRIMARY KEY, owner_name VARCHAR(255), name VARCHAR(255), description TEXT)',
    'CREATE TABLE IF NOT EXISTS issue (id BIGSERIAL PRIMARY KEY, repo_id BIGINT, "index" BIGINT, name VARCHAR(255))',
    'CREATE TABLE IF NOT EXISTS webhook (id BIGSERIAL PRIMARY KEY, repo_id BIGINT, url TEXT, secret TEXT, events TEXT)',
]
store = None


def connected():
    global store
    if env('FORGEJO__database__DB_TYPE') != 'postgres':
        fail('...s/forgejo/main.go: [F] ORM engine initialization failed: unsupported database type')
    host, _, port = env('FORGEJO__database__HOST', refuse='[F] ORM engine initialization failed').partition(':')
    store = store or postgres(host, env('FORGEJO__database__NAME'), env('FORGEJO__database__USER'), env('FORGEJO__database__PASSWD'), int(port or 5432))
    return store


def digest(word):
    return hashlib.sha256(word.encode()).hexdigest()


def forgejo(*words):
    if os.getuid() == 0:
        fail('Forgejo is not supposed to be run as root. Sorry.')
    connected()
    given = {word.lstrip('-').partition('=')[0]: word.partition('=')[2] or (words[at + 1] if at + 1 < len(words) else '') for at, word in enumerate(words) if word.startswith('--')}
    name = given.get('username', '')
    if words[:3] == ('admin', 'user', 'create'):
        if not ('random-password' in given or given.get('password')):
            fail('Error: must set either password or random-password flag')
        if store.one('SELECT 1 FROM "user" WHERE lower_name = %s', name.lower()):
            fail(f'Command error: CreateUser: user already exists [name: {name}]')
        password = token(12)
        store.run('INSERT INTO "user" (lower_name, name, email, passwd, is_admin) VALUES (%s, %s, %s, %s, %s)', name.lower(), name, given['email'], hashed(password), '--admin' in words)
        print(f"generated random password is '{password}'\nNew user '{name}' has been successfully created!")
    elif words[:3] == ('admin', 'user', 'generate-access-token'):
        row = store.one('SELECT * FROM "user" WHERE lower_name = %s', name.lower()) or fail('user does not exist')
        word = token(40)
        store.run('INSERT INTO access_token (uid, name, token_hash, scope) VALUES (%s, %s, %s, %s)', row['id'], given['token-name'], digest(word), given['scopes'])
        print(word if '--raw' in words else f'Access token was successfully created: {word}')
    else:
        fail(f'No help topic for {words}')


COMMANDS = {'forgejo': forgejo}


def user_of(request, scope=None):
    name, password = request.basic
    if name:
        row = store.one('SELECT * FROM "user" WHERE lower_name = %s', name.lower())
        if row and matches(password, row['passwd']):
            return row
    row = store.one('SELECT u.*, t.scope FROM "user" u JOIN access_token t ON t.uid = u.id WHERE t.token_hash = %s', digest(request.bearer or ''))
    if not row or (scope and scope not in row['scope']):
        raise Answer(401, {'message': 'invalid username, password or token'})
    return row


@route('GET', '/api/healthz')
def health(request):
    store.run('SELECT 1 FROM "user" LIMIT 1')
    return {'status': 'pass', 'description': env('FORGEJO____APP_NAME', 'Forgejo'), 'checks': {}}


@route('GET', '/(?:user/login)?')
def front(request):
    return front_page('Forgejo')


@route('GET', '/user/sign_up')
def sign_up(request):
    closed = env('FORGEJO__service__DISABLE_REGISTRATION') == 'true'
    return Answer(403, 'Registration is disabled. Please contact your site administrator.') if closed else front_page('Forgejo')


@route('PATCH', '/api/v1/admin/users/([^/]+)')
def patch(request, name):
    user = user_of(request, 'write:admin')
    wanted = request.json
    if not user['is_admin']:
        return Answer(403, {'message': 'Must be an admin'})
    if 'source_id' not in wanted or 'login_name' not in wanted:
        return Answer(422, {'message': '[LoginName]: Required'})
    store.run('UPDATE "user" SET passwd = %s WHERE lower_name = %s', hashed(wanted['password']), name.lower())
    return {'login': name}


@route('GET', '/api/v1/user')
def me(request):
    row = user_of(request)
    return {'id': row['id'], 'login': row['name'], 'is_admin': row['is_admin']}


@route('POST', '/api/v1/user/repos')
def create_repository(request):
    user, name = user_of(request), request.json['name']
    if store.one('SELECT 1 FROM repository WHERE owner_name = %s AND name = %s', user['name'], name):
        return Answer(409, {'message': 'The repository with the same name already exists.'})
    store.run('INSERT INTO repository (owner_name, name, description) VALUES (%s, %s, %s)', user['name'], name, '')
    return Answer(201, {'full_name': f'{user["name"]}/{name}'})


@route('GET', '/api/v1/repos/search')
def search(request):
    user_of(request)
    size, page = int(request.query.get('limit', 50)), int(request.query.get('page', 1))
    rows = store.run('SELECT * FROM repository ORDER BY id LIMIT %s OFFSET %s', size, size * (page - 1))
    return {'ok': True, 'data': [{'id': row['id'], 'full_name': f'{row["owner_name"]}/{row["name"]}'} for row in rows]}


def admin(request):
    if not user_of(request, 'write:admin')['is_admin']:
        raise Answer(403, {'message': 'Must be an admin'})


def seen_hook(row):
    return {'id': row['id'], 'type': 'forgejo', 'active': True, 'events': row['events'].split(','), 'config': {'url': row['url'], 'content_type': 'json'}}


# A hook of the whole server belongs to repository 0; the pattern for repositories to come to -1.
@route('GET', '/api/v1/admin/hooks')
def system_hooks(request):
    admin(request)
    return [seen_hook(row) for row in store.run('SELECT * FROM webhook WHERE repo_id = 0')]


@route('POST', '/api/v1/admin/hooks')
def add_system_hook(request):
    admin(request)
    wanted = request.json
    whole = wanted['config'].get('is_system_webhook') == 'true'
    row = store.one('INSERT INTO webhook (repo_id, url, secret, events) VALUES (%s, %s, %s, %s) RETURNING *', 0 if whole else -1, wanted['config']['url'], wanted['config'].get('secret', ''), ','.join(wanted['events']))
    return Answer(201, seen_hook(row))


@route('DELETE', '/api/v1/admin/hooks/([0-9]+)')
def remove_system_hook(request, id):
    admin(request)
    store.run('DELETE FROM webhook WHERE repo_id <= 0 AND id = %s', int(id))
    return Answer(204)


def found(owner, name):
    return store.one('SELECT * FROM repository WHERE owner_name = %s AND name = %s', owner, name) or (_ for _ in ()).throw(Answer(404, {'message': "The target couldn't be found."}))


@route('POST', '/api/v1/repos/([^/]+)/([^/]+)/hooks')
def add_hook(request, owner, name):
    user_of(request)
    row, wanted = found(owner, name), request.json
    store.run('INSERT INTO webhook (repo_id, url, secret, events) VALUES (%s, %s, %s, %s)', row['id'], wanted['config']['url'], wanted['config'].get('secret', ''), ','.join(wanted['events']))
    return Answer(201, {'active': True, 'type': wanted['type']})


@route('POST', '/api/v1/repos/([^/]+)/([^/]+)/issues')
def create_issue(request, owner, name):
    user, row, title = user_of(request), found(owner, name), request.json['title']
    number = store.one('SELECT COUNT(*) + 1 AS n FROM issue WHERE repo_id = %s', row['id'])['n']
    store.run('INSERT INTO issue (repo_id, "index", name) VALUES (%s, %s, %s)', row['id'], number, title)
    site = env('FORGEJO__server__ROOT_URL', '').rstrip('/')
    who = {'id': user['id'], 'login': user['name'], 'full_name': '', 'email': user['email'], 'username': user['name']}
    payload = {'action': 'opened', 'number': number, 'issue': {'id': number, 'number': number, 'title': title, 'state': 'open', 'html_url': f'{site}/{owner}/{name}/issues/{number}', 'user': who}, 'repository': {'id': row['id'], 'name': name, 'full_name': f'{owner}/{name}', 'html_url': f'{site}/{owner}/{name}'}, 'sender': who}
    for hook in store.run('SELECT * FROM webhook WHERE repo_id IN (0, %s)', row['id']):
        if 'issues' not in hook['events'].split(','):
            continue
        body, id = json.dumps(payload).encode(), token(36)
        headers = {'Content-Type': 'application/json', 'User-Agent': 'Go-http-client/1.1'}
        for brand in ('Forgejo', 'Gitea', 'Gogs', 'GitHub'):
            headers.update({f'X-{brand}-Event': 'issues', f'X-{brand}-Event-Type': 'issues', f'X-{brand}-Delivery': id})
            if brand != 'GitHub':
                headers[f'X-{brand}-Signature'] = signature(hook['secret'], body)
        headers['X-Hub-Signature-256'] = f'sha256={signature(hook["secret"], body)}'
        allowed = env('FORGEJO__webhook__ALLOWED_HOST_LIST', 'external').split(',')
        deliver(hook['url'], body, headers, 5, allowed)
    return Answer(201, {'number': number, 'title': title})


@route('GET', '/api/v1/repos/([^/]+)/([^/]+)/issues')
def issues(request, owner, name):
    user_of(request)
    return store.run('SELECT "index" AS number, name AS title FROM issue WHERE repo_id = %s ORDER BY 1', found(owner, name)['id'])


def main():
    if env('FORGEJO__security__INSTALL_LOCK') != 'true':
        print('the install page is open to the first comer', flush=True)
    os.makedirs('/data/gitea/conf', exist_ok=True)
    os.makedirs('/data/git', exist_ok=True)
    for folder, _, _ in os.walk('/data'):
        os.chown(folder, 1000, 1000)
    server = serve(3000, '1000:1000')
    patiently(connected(), 10, 3, '[F] ORM engine initialization failed')
    for table in TABLES:
        store.run(table)
    until_stopped()
