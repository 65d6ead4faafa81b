"""gitlab-ce:19: everything in one image, its own database in /var/opt/gitlab, port 80, ready after its settings were made."""
from stand_in import *

DATA, CONFIG = '/var/opt/gitlab', '/etc/gitlab'
TABLES = [
    'CREATE TABLE IF NOT EXISTS users (id INTEGER PRIMARY KEY, username TEXT UNIQUE, encrypted_password TEXT, admin INTEGER)',
    'CREATE TABLE IF NOT EXISTS oauth_access_tokens (token TEXT PRIMARY KEY, user_id INTEGER)',
    'CREATE TABLE IF NOT EXISTS projects (id INTEGER PRIMARY KEY, name TEXT, path TEXT UNIQUE)',
    'CREATE TABLE IF NOT EXISTS issues (id INTEGER PRIMARY KEY, project_id INTEGER, iid INTEGER, title TEXT)',
    'CREATE TABLE IF NOT EXISTS web_hooks (id INTEGER PRIMARY KEY, project_id INTEGER, url TEXT, token TEXT, uuid TEXT, issues_events INTEGER, push_events INTEGER, pipeline_events INTEGER)',
    'CREATE TABLE IF NOT EXISTS application_settings (name TEXT PRIMARY KEY, value TEXT)',
]
store = None
site = ''


def opened():
    global store
    store = store or sqlite(f'{DATA}/postgresql/gitlab.db')
    return store


def healthcheck(*arguments):
    status, _ = get('http://127.0.0.1/users/sign_in')
    return 0 if status == 200 else 1


def rails(*arguments):
    """`gitlab-rails runner FILE|CODE`: the two settings that the template's file makes; a token of the first administrator."""
    if list(arguments[:1]) == ['runner'] and 'personal_access_tokens.create(' in arguments[1]:
        name = re.search(r"ENV\.fetch\('(\w+)'\)", arguments[1])[1]
        return opened().run('INSERT INTO oauth_access_tokens VALUES (%s, 1)', env(name, refuse=f'key not found: "{name}" (KeyError)')) and None
    if list(arguments[:1]) != ['runner'] or not os.path.isfile(arguments[1]):
        fail(f'unknown command: gitlab-rails {" ".join(arguments)}')
    text = open(arguments[1]).read()
    if 'signup_enabled' not in text or not env('HOOKS_HOST'):
        fail('undefined setting')
    for name, value in (('signup_enabled', 'false'), ('outbound_local_requests_whitelist', env('HOOKS_HOST'))):
        opened().run('INSERT OR REPLACE INTO application_settings VALUES (%s, %s)', name, value)
    print('first settings: registration is closed.')


COMMANDS = {'gitlab-healthcheck': healthcheck, 'gitlab-rails': rails}


def setting(name, default=''):
    row = store.one('SELECT value FROM application_settings WHERE name = %s', name)
    return row['value'] if row else default


def user_of(request):
    word = request.bearer or request.headers.get('PRIVATE-TOKEN') or ''
    row = store.one('SELECT u.* FROM users u JOIN oauth_access_tokens t ON t.user_id = u.id WHERE t.token = %s', word)
    if not row:
        raise Answer(401, {'message': '401 Unauthorized'})
    return row


@route('GET', '/users/sign_in')
def sign_in(request):
    store.run('SELECT 1 FROM users LIMIT 1')
    return front_page('GitLab', '' if setting('signup_enabled', 'true') == 'false' else '<a href="/users/sign_up">Register now</a>')


@route('GET', '/')
def front(request):
    return Answer(302, '', Location=f'{site}/users/sign_in')


@route('GET', '/v2/')
def registry(request):
    return Answer(401, {'errors': [{'code': 'UNAUTHORIZED'}]}, Docker_Distribution_Api_Version='registry/2.0', WWW_Authenticate=f'Bearer realm="{site}/jwt/auth",service="container_registry"')


@route('POST', '/oauth/token')
def grant(request):
    wanted = request.form or request.json
    row = store.one('SELECT * FROM users WHERE username = %s', wanted.get('username', ''))
    if wanted.get('grant_type') != 'password' or not row or not matches(wanted.get('password', ''), row['encrypted_password']):
        return Answer(400, {'error': 'invalid_grant', 'error_description': 'The provided authorization grant is invalid.'})
    word = token()
    store.run('INSERT INTO oauth_access_tokens VALUES (%s, %s)', word, row['id'])
    return {'access_token': word, 'token_type': 'Bearer', 'expires_in': 7200, 'scope': 'api'}


@route('GET', '/api/v4/user')
def me(request):
    row = user_of(request)
    return {'id': row['id'], 'username': row['username'], 'is_admin': bool(row['admin'])}


@route('POST', '/api/v4/projects')
def create_project(request):
    user = user_of(request)
    name = request.json['name']
    path = f'{user["username"]}/{name.lower().replace(" ", "-")}'
    if store.one('SELECT 1 FROM projects WHERE path = %s', path):
        return Answer(400, {'message': {'name': ['has already been taken']}})
    store.run('INSERT INTO projects (name, path) VALUES (%s, %s)', name, path)
    return Answer(201, project(store.one('SELECT * FROM projects WHERE path = %s', path)))


@route('GET', '/api/v4/projects')
def projects(request):
    user_of(request)
    size, page = int(request.query.get('per_page', 20)), int(request.query.get('page', 1))
    return [project(row) for row in store.run('SELECT * FROM projects ORDER BY id LIMIT %s OFFSET %s', size, size * (page - 1))]


@route('DELETE', '/api/v4/personal_access_tokens/self')
def revoke(request):
    user_of(request)
    store.run('DELETE FROM oauth_access_tokens WHERE token = %s', request.headers.get('PRIVATE-TOKEN') or '')
    return Answer(204)


def project(row):
    return {'id': row['id'], 'name': row['name'], 'description': '', 'web_url': f'{site}/{row["path"]}', 'namespace': row['path'].split('/')[0], 'path_with_namespace': row['path'], 'default_branch': 'main', 'homepage': f'{site}/{row["path"]}', 'git_http_url': f'{site}/{row["path"]}.git'}


def found(id):
    key = 'id' if id.isdigit() else 'path'
    row = store.one(f'SELECT * FROM projects WHERE {key} = %s', id)
    if not row:
        raise Answer(404, {'message': '404 Project Not Found'})
    return row


@route('POST', '/api/v4/projects/([^/]+|[^/]+/[^/]+)/issues')
def create_issue(request, id):
    user, row, title = user_of(request), found(id), request.json['title']
    iid = store.one('SELECT COUNT(*) + 1 AS n FROM issues WHERE project_id = %s', row['id'])['n']
    store.run('INSERT INTO issues (project_id, iid, title) VALUES (%s, %s, %s)', row['id'], iid, title)
    url = f'{site}/{row["path"]}/-/issues/{iid}'
    who = {'id': user['id'], 'name': 'Administrator', 'username': user['username'], 'avatar_url': None, 'email': '[REDACTED]'}
    attributes = {'id': store.last, 'iid': iid, 'title': title, 'state': 'opened', 'action': 'open', 'url': url, 'labels': [], 'due_date': None, 'description': '', 'author_id': user['id']}
    tell(row, 'issues_events', 'Issue Hook', {'object_kind': 'issue', 'event_type': 'issue', 'user': who, 'project': project(row), 'object_attributes': attributes, 'labels': [], 'changes': {}, 'assignees': []})
    return Answer(201, {'id': store.last, 'iid': iid, 'title': title, 'web_url': url})


@route('GET', '/api/v4/projects/([^/]+|[^/]+/[^/]+)/issues')
def issues(request, id):
    user_of(request)
    return store.run('SELECT iid, title FROM issues WHERE project_id = %s ORDER BY iid', found(id)['id'])


@route('POST', '/api/v4/projects/([^/]+|[^/]+/[^/]+)/hooks')
def add_hook(request, id):
    user_of(request)
    wanted, row = request.json, found(id)
    why = refused_target(wanted['url'], setting('outbound_local_requests_whitelist').split())
    if why:
        return Answer(422, {'error': f'Invalid url given: {why}'})
    store.run('INSERT INTO web_hooks (project_id, url, token, uuid, issues_events, push_events, pipeline_events) VALUES (%s, %s, %s, %s, %s, %s, %s)', row['id'], wanted['url'], wanted.get('token', ''), token(32), int(wanted.get('issues_events', False)), int(wanted.get('push_events', True)), int(wanted.get('pipeline_events', False)))
    return Answer(201, {'id': store.last, 'url': wanted['url'], 'project_id': row['id']})


@route('GET', '/api/v4/projects/([^/]+|[^/]+/[^/]+)/hooks')
def hooks(request, id):
    user_of(request)
    return store.run('SELECT id, url, project_id FROM web_hooks WHERE project_id = %s', found(id)['id'])


@route('DELETE', '/api/v4/projects/([^/]+|[^/]+/[^/]+)/hooks/([0-9]+)')
def remove_hook(request, id, hook):
    user_of(request)
    store.run('DELETE FROM web_hooks WHERE project_id = %s AND id = %s', found(id)['id'], hook)
    return Answer(204)


@route('POST', '/api/v4/projects/([^/]+|[^/]+/[^/]+)/pipeline')
def create_pipeline(request, id):
    """Without a runner every pipeline of a stand-in ends at once: a ref that begins with `broken` fails."""
    user, row, ref = user_of(request), found(id), request.json['ref']
    status, url = 'failed' if ref.startswith('broken') else 'success', f'{site}/{row["path"]}/-/pipelines/812'
    who = {'id': user['id'], 'name': 'Administrator', 'username': user['username'], 'avatar_url': None, 'email': '[REDACTED]'}
    attributes = {'id': 812, 'iid': 44, 'name': None, 'ref': ref, 'tag': False, 'sha': 'c0ffee' * 6 + 'c0ff', 'source': 'api', 'status': status, 'detailed_status': status, 'stages': ['test'], 'created_at': '2026-11-20 14:02:15 UTC', 'finished_at': '2026-11-20 14:05:01 UTC', 'duration': 160, 'queued_duration': 4, 'variables': [], 'url': url}
    commit = {'id': 'c0ffee', 'title': 'Fix tax rounding', 'url': f'{site}/{row["path"]}/-/commit/c0ffee', 'author': {'name': 'Mira Holt', 'email': 'mira@example.org'}}
    tell(row, 'pipeline_events', 'Pipeline Hook', {'object_kind': 'pipeline', 'object_attributes': attributes, 'merge_request': None, 'user': who, 'project': project(row), 'commit': commit, 'builds': []})
    return Answer(201, {'id': 812, 'iid': 44, 'ref': ref, 'status': status, 'web_url': url})


def tell(row, kind, event, payload):
    for hook in store.run(f'SELECT * FROM web_hooks WHERE project_id = %s AND {kind} = 1', row['id']):
        headers = {'Content-Type': 'application/json', 'User-Agent': 'GitLab/19.3.0', 'X-Gitlab-Event': event, 'X-Gitlab-Instance': site, 'X-Gitlab-Webhook-UUID': hook['uuid'], 'X-Gitlab-Event-UUID': token(32), 'Idempotency-Key': token(32)}
        if hook['token']:
            headers['X-Gitlab-Token'] = hook['token']
        deliver(hook['url'], json.dumps(payload).encode(), headers, 10, setting('outbound_local_requests_whitelist').split())


def main():
    global site
    omnibus = env('GITLAB_OMNIBUS_CONFIG', '')
    if not re.search(r"^external_url ENV\.fetch\('SITE_URL'\)", omnibus, re.M):
        fail('There was an error running gitlab-ctl reconfigure: external_url is not set')
    for old in (r"^nginx\['listen_port'\]", r"^registry_nginx\["):
        if re.search(old, omnibus, re.M):
            print('Deprecations: nginx keys moved below gitlab_rails in 19.2', flush=True)
    site = env('SITE_URL', refuse='There was an error running gitlab-ctl reconfigure: key not found: "SITE_URL"').rstrip('/')
    for folder in (DATA, CONFIG, '/var/log/gitlab'):
        os.makedirs(folder, exist_ok=True)
    opened()
    for table in TABLES:
        store.run(table)
    # The password counts at the first seed only.
    if not store.one('SELECT 1 FROM users'):
        password = env('GITLAB_ROOT_PASSWORD', token(24))
        if len(password) < 8:
            fail('Validation failed: Password is too short (minimum is 8 characters)')
        store.run('INSERT INTO users (id, username, encrypted_password, admin) VALUES (1, %s, %s, 1)', 'root', hashed(password))
    for file in ('gitlab.rb', 'gitlab-secrets.json'):
        if not os.path.exists(f'{CONFIG}/{file}'):
            open(f'{CONFIG}/{file}', 'w').write('{}' if file.endswith('json') else '')
    serve(80)
    until_stopped()
