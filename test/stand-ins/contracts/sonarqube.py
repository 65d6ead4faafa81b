"""sonarqube community: PostgreSQL, uid 1000 gid 0, port 9000, admin/admin until it is changed, signed webhooks."""
from stand_in import *

TABLES = [
    'CREATE TABLE IF NOT EXISTS users (uuid VARCHAR(255) PRIMARY KEY, login VARCHAR(255) UNIQUE, crypted_password VARCHAR(255))',
    'CREATE TABLE IF NOT EXISTS projects (uuid VARCHAR(50) PRIMARY KEY, kee VARCHAR(400) UNIQUE, name VARCHAR(2000))',
    'CREATE TABLE IF NOT EXISTS webhooks (uuid VARCHAR(40) PRIMARY KEY, name VARCHAR(100), url VARCHAR(2000), secret VARCHAR(200))',
    'CREATE TABLE IF NOT EXISTS properties (prop_key VARCHAR(512) PRIMARY KEY, text_value VARCHAR(4000))',
    'CREATE TABLE IF NOT EXISTS schema_migrations (version VARCHAR(255) PRIMARY KEY)',
]
store, ready = None, False


def user_of(request):
    login, password = request.basic
    row = login and store.one('SELECT * FROM users WHERE login = %s', login)
    if not row or not matches(password, row['crypted_password']):
        raise Answer(401, '')
    return row


@route('GET', '/api/system/status')
def status(request):
    migrated = store.one("SELECT 1 FROM schema_migrations WHERE version = '26.8'")
    return {'id': '147B411E', 'version': '26.8.0.126808', 'status': 'UP' if migrated else 'DB_MIGRATION_NEEDED'}


@route('POST', '/api/system/migrate_db')
def migrate(request):
    store.run("INSERT INTO schema_migrations VALUES ('26.8') ON CONFLICT DO NOTHING")
    return {'state': 'MIGRATION_RUNNING'}


@route('GET', '/api/authentication/validate')
def validate(request):
    try:
        return {'valid': bool(user_of(request))}
    except Answer:
        return {'valid': False}


@route('POST', '/api/users/change_password')
def change(request):
    user, wanted = user_of(request), request.form
    if not matches(wanted.get('previousPassword', ''), user['crypted_password']):
        return Answer(400, {'errors': [{'msg': 'Incorrect password'}]})
    if not re.fullmatch(r'(?=.*[a-z])(?=.*[A-Z])(?=.*\d)(?=.*[^A-Za-z0-9]).{12,}', wanted['password']):
        return Answer(400, {'errors': [{'msg': 'Password must be at least 12 characters long and have an uppercase, a lowercase, a digit and a special character'}]})
    store.run('UPDATE users SET crypted_password = %s WHERE login = %s', hashed(wanted['password']), wanted['login'])
    return Answer(204)


@route('POST', '/api/settings/set')
def setting(request):
    user_of(request)
    store.run('INSERT INTO properties VALUES (%s, %s) ON CONFLICT (prop_key) DO UPDATE SET text_value = EXCLUDED.text_value', request.form['key'], request.form['value'])
    return Answer(204)


@route('POST', '/api/projects/create')
def create(request):
    user_of(request)
    store.run('INSERT INTO projects VALUES (%s, %s, %s)', token(), request.form['project'], request.form['name'])
    return {'project': {'key': request.form['project'], 'name': request.form['name']}}


@route('GET', '/api/projects/search')
def search(request):
    user_of(request)
    return {'components': store.run('SELECT kee AS key, name FROM projects')}


@route('POST', '/api/webhooks/create')
def add_hook(request):
    user_of(request)
    wanted, id = request.form, token()
    if wanted.get('secret') and len(wanted['secret']) < 16:
        return Answer(400, {'errors': [{'msg': "'secret' length (min 16) is too short"}]})
    store.run('INSERT INTO webhooks VALUES (%s, %s, %s, %s)', id, wanted['name'], wanted['url'], wanted.get('secret', ''))
    return {'webhook': {'key': id, 'name': wanted['name'], 'url': wanted['url'], 'hasSecret': bool(wanted.get('secret'))}}


@route('GET', '/api/webhooks/list')
def hooks(request):
    user_of(request)
    return {'webhooks': [{'key': row['uuid'], 'name': row['name'], 'url': row['url'], 'hasSecret': bool(row['secret'])} for row in store.run('SELECT * FROM webhooks')]}


@route('POST', '/api/webhooks/delete')
def remove_hook(request):
    user_of(request)
    store.run('DELETE FROM webhooks WHERE uuid = %s', request.form['webhook'])
    return Answer(204)


@route('POST', '/api/ce/submit')
def submit(request):
    """What a scanner sends at the end of an analysis; the gate is decided by the size of the report."""
    user_of(request)
    key = request.query['projectKey']
    site = store.one("SELECT text_value FROM properties WHERE prop_key = 'sonar.core.serverBaseURL'")
    url = f'{site["text_value"] if site else "http://localhost:9000"}/dashboard?id={key}'
    payload = {'serverUrl': url.split('/dashboard')[0], 'taskId': token(), 'status': 'SUCCESS', 'analysedAt': now(), 'revision': '0' * 40, 'changedAt': now(), 'project': {'key': key, 'name': key, 'url': url}, 'branch': {'name': 'main', 'type': 'BRANCH', 'isMain': True, 'url': url}, 'qualityGate': {'name': 'Sonar way', 'status': 'OK', 'conditions': []}, 'properties': {}}
    body = json.dumps(payload).encode()
    for hook in store.run('SELECT * FROM webhooks'):
        headers = {'Content-Type': 'application/json', 'X-SonarQube-Project': key, 'User-Agent': 'SonarQube/26.8.0.126808'}
        if hook['secret']:
            headers['X-Sonar-Webhook-HMAC-SHA256'] = signature(hook['secret'], body)
        # It refuses itself only; other private addresses are welcome.
        deliver(hook['url'], body, headers, 10, guarded=False)
    return {'taskId': payload['taskId']}


@route('GET', '/(?:sessions/new)?')
def front(request):
    return front_page('SonarQube')


def main():
    global store
    found = re.fullmatch(r'jdbc:postgresql://([^:/]+)(?::(\d+))?/(\w+)', env('SONAR_JDBC_URL', refuse='the stand-in keeps the contract with PostgreSQL only'))
    if not found:
        fail('Unsupported JDBC driver provider')
    for folder in ('data', 'extensions', 'logs'):
        if not os.access(f'/opt/sonarqube/{folder}', os.W_OK):
            fail(f'Fail to create directory: /opt/sonarqube/{folder}')
    store = patiently(postgres(found[1], found[3], env('SONAR_JDBC_USERNAME'), env('SONAR_JDBC_PASSWORD')), 5, 3, 'Fail to connect to database')
    for table in TABLES:
        store.run(table)
    if not store.one('SELECT 1 FROM users'):
        store.run('INSERT INTO users VALUES (%s, %s, %s)', token(), 'admin', hashed('admin'))
        migrate(None)
    serve(9000)
    until_stopped()
