"""kanboard:1.2: SQLite in data/, port 80, admin/admin in a new database, JSON-RPC."""
from stand_in import *

store = None


def bcrypt(password, known=None):
    """PHP's own functions, since the template's script writes what PHP writes."""
    import subprocess

    code = 'echo password_verify(getenv("P"), getenv("H")) ? "1" : "";' if known else 'echo password_hash(getenv("P"), PASSWORD_BCRYPT);'
    return subprocess.run(['php', '-r', code], env={'PATH': os.environ['PATH'], 'P': password, 'H': known or ''}, capture_output=True, text=True, check=True).stdout


def user_of(request):
    name, password = request.basic
    row = name and store.one('SELECT * FROM users WHERE username = %s', name)
    if not row or not bcrypt(password, row['password']):
        raise Answer(401, {'jsonrpc': '2.0', 'error': {'code': 401, 'message': 'Unauthorized'}})


@route('GET', '/healthcheck.php')
def health(request):
    store.run('SELECT 1 FROM users LIMIT 1')
    return Answer(200, 'OK', Content_Type='text/plain')


@route('POST', '/jsonrpc.php')
def rpc(request):
    user_of(request)
    wanted = request.json
    given = wanted.get('params', {})
    if wanted['method'] == 'createProject':
        store.run('INSERT INTO projects (name) VALUES (%s)', given['name'])
        result = store.last
    elif wanted['method'] == 'createTask':
        store.run('INSERT INTO tasks (project_id, title) VALUES (%s, %s)', given['project_id'], given['title'])
        result = store.last
    elif wanted['method'] == 'getAllTasks':
        result = store.run('SELECT id, title FROM tasks WHERE project_id = %s', given['project_id'])
    elif wanted['method'] == 'getMe':
        result = {'username': request.basic[0], 'role': 'app-admin'}
    else:
        return {'jsonrpc': '2.0', 'id': wanted['id'], 'error': {'code': -32601, 'message': 'Method not found'}}
    return {'jsonrpc': '2.0', 'id': wanted['id'], 'result': result}


@route('GET', '/(?:login)?')
def front(request):
    return front_page('Kanboard')


def main():
    global store
    store = sqlite('/var/www/app/data/db.sqlite')
    store.run('CREATE TABLE IF NOT EXISTS users (id INTEGER PRIMARY KEY, username TEXT UNIQUE, password TEXT, role TEXT)')
    store.run('CREATE TABLE IF NOT EXISTS projects (id INTEGER PRIMARY KEY, name TEXT)')
    store.run('CREATE TABLE IF NOT EXISTS tasks (id INTEGER PRIMARY KEY, project_id INTEGER, title TEXT)')
    store.run('INSERT OR IGNORE INTO users VALUES (1, %s, %s, %s)', 'admin', bcrypt('admin'), 'app-admin')
    serve(80)
    until_stopped()
