"""requarks/wiki:2: PostgreSQL, uid 1000, port 3000; a set-up page until somebody finalizes it, then GraphQL."""
from stand_in import *

TABLES = [
    'CREATE TABLE IF NOT EXISTS settings (key VARCHAR(255) PRIMARY KEY, value JSON)',
    'CREATE TABLE IF NOT EXISTS users (id SERIAL PRIMARY KEY, email VARCHAR(255) UNIQUE, password VARCHAR(255), name VARCHAR(255))',
    'CREATE TABLE IF NOT EXISTS sessions (sid VARCHAR(255) PRIMARY KEY, user_id INTEGER)',
    'CREATE TABLE IF NOT EXISTS pages (id SERIAL PRIMARY KEY, path VARCHAR(255) UNIQUE, title VARCHAR(255), content TEXT)',
]
store = None


def set_up():
    return store.one("SELECT 1 FROM settings WHERE key = 'host'") is not None


@route('GET', '/healthz')
def health(request):
    return {'ok': True} if set_up() else front_page('Wiki.js', '<form>set-up</form>')


@route('POST', '/finalize')
def finalize(request):
    wanted = request.json
    if set_up():
        return Answer(404, {'message': 'Not Found'})
    if len(wanted.get('adminEmail', '')) < 6 or '@' not in wanted['adminEmail']:
        return {'ok': False, 'error': 'Administrator Email is invalid.'}
    if len(wanted.get('adminPassword', '')) < 6 or wanted['adminPassword'] != wanted.get('adminPasswordConfirm'):
        return {'ok': False, 'error': 'Administrator password must be at least 6 characters and match.'}
    if not re.match('https?://', wanted.get('siteUrl', '')):
        return {'ok': False, 'error': 'Site URL is invalid.'}
    store.run('INSERT INTO users (email, password, name) VALUES (%s, %s, %s)', wanted['adminEmail'].lower(), hashed(wanted['adminPassword']), 'Administrator')
    store.run("INSERT INTO settings VALUES ('host', %s::json)", json.dumps({'v': wanted['siteUrl'].rstrip('/')}))
    return {'ok': True, 'redirectPath': '/', 'redirectPort': 3000}


@route('POST', '/graphql')
def graphql(request):
    if not set_up():
        return Answer(404, {'message': 'Not Found'})
    query, given = request.json['query'], request.json.get('variables', {})
    if 'login' in query:
        row = store.one('SELECT * FROM users WHERE email = %s', given['username'].lower())
        good = bool(row and matches(given['password'], row['password']))
        word = token(40) if good else None
        if good:
            store.run('INSERT INTO sessions VALUES (%s, %s)', word, row['id'])
        result = {'succeeded': good, 'errorCode': 0 if good else 1002, 'message': 'Login success' if good else 'Invalid email / username or password.'}
        return {'data': {'authentication': {'login': {'responseResult': result, 'jwt': word}}}}
    if not store.one('SELECT 1 FROM sessions WHERE sid = %s', request.bearer or ''):
        return {'errors': [{'message': 'Forbidden'}], 'data': None}
    if 'create' in query:
        store.run('INSERT INTO pages (path, title, content) VALUES (%s, %s, %s)', given['path'], given['title'], given['content'])
        return {'data': {'pages': {'create': {'responseResult': {'succeeded': True}}}}}
    row = store.one('SELECT title, content FROM pages WHERE path = %s', given['path'])
    return {'data': {'pages': {'singleByPath': row}}}


@route('GET', '/(?:login)?')
def front(request):
    host = store.one("SELECT value FROM settings WHERE key = 'host'")
    return front_page('Wiki.js', html.escape(host['value']['v']) if host else '<form>set-up</form>')


def main():
    global store
    if env('DB_TYPE') not in ('postgres',):
        fail('>>> Unable to read configuration file! Invalid DB Type')
    store = patiently(postgres(env('DB_HOST', refuse='DB host is missing'), env('DB_NAME'), env('DB_USER'), env('DB_PASS', ''), int(env('DB_PORT', '5432'))), 10, 3, 'Database Connection Error')
    for table in TABLES:
        store.run(table)
    serve(3000)
    until_stopped()
