"""nextcloud:34-apache: MariaDB, Redis, uid 33, port 80, /var/www/html with data/, occ, cron.sh, hooks before the start."""
import glob, subprocess
from stand_in import *

HTML, DATA = '/var/www/html', '/var/www/html/data'
CONFIG = f'{HTML}/config/config.json'
TABLES = [
    'CREATE TABLE IF NOT EXISTS oc_users (uid VARCHAR(64) PRIMARY KEY, displayname VARCHAR(64), password VARCHAR(255))',
    'CREATE TABLE IF NOT EXISTS oc_appconfig (appid VARCHAR(32), configkey VARCHAR(64), configvalue LONGTEXT, PRIMARY KEY (appid, configkey))',
    'CREATE TABLE IF NOT EXISTS oc_filecache (fileid BIGINT AUTO_INCREMENT PRIMARY KEY, path VARCHAR(4000), size BIGINT, mtime BIGINT)',
    'CREATE TABLE IF NOT EXISTS oc_webhook_listeners (id BIGINT AUTO_INCREMENT PRIMARY KEY, user_id VARCHAR(64), http_method VARCHAR(32), uri VARCHAR(4000), event VARCHAR(4000), headers LONGTEXT, auth_method VARCHAR(16), auth_data LONGTEXT)',
]
store = None


def config():
    try:
        return json.load(open(CONFIG))
    except OSError:
        return {}


def keep(values):
    os.makedirs(os.path.dirname(CONFIG), exist_ok=True)
    with open(f'{CONFIG}.new', 'w') as file:
        json.dump(values, file)
    os.rename(f'{CONFIG}.new', CONFIG)


def database():
    given = {key: env(f'MYSQL_{key}') for key in ('HOST', 'DATABASE', 'USER', 'PASSWORD')}
    kept = config().get('db', {})
    values = {key: given[key] or kept.get(key) for key in given}
    return mysql(values['HOST'], values['DATABASE'], values['USER'], values['PASSWORD']), values


def install():
    global store
    store, values = database()
    if config().get('installed'):
        # the password that is in use stays the one of the installation
        store = mysql(*(config()['db'][key] for key in ('HOST', 'DATABASE', 'USER', 'PASSWORD')))
        return patiently(store, 10, 10)
    missing = [name for name in ('NEXTCLOUD_ADMIN_USER', 'NEXTCLOUD_ADMIN_PASSWORD', 'MYSQL_HOST', 'MYSQL_DATABASE', 'MYSQL_USER', 'MYSQL_PASSWORD') if not env(name)]
    if missing:
        # Upstream goes on and shows its install page to the first comer.
        return print('Next step: Access your instance to finish the web-based installation!', flush=True)
    patiently(store, 10, 10)
    for table in TABLES:
        store.run(table)
    admin = env('NEXTCLOUD_ADMIN_USER')
    store.run('INSERT IGNORE INTO oc_users VALUES (%s, %s, %s)', admin, admin, hashed(env('NEXTCLOUD_ADMIN_PASSWORD')))
    os.makedirs(f'{DATA}/{admin}/files', exist_ok=True)
    open(f'{DATA}/.ncdata', 'w').write('# Nextcloud data directory\n')
    domains = ['localhost', *env('NEXTCLOUD_TRUSTED_DOMAINS', '').split()]
    keep({'installed': True, 'version': '34.0.3.1', 'db': values, 'system': {'trusted_domains': dict(enumerate(domains))}})


def occ(*arguments):
    """The commands that a box uses, as `php occ` takes them."""
    if os.getuid() != 33:
        fail('Console has to be executed with the user that owns the file config/config.php')
    words = list(arguments)
    if words and words[0].endswith('occ'):
        words.pop(0)
    values = config()
    name, rest = words[0], words[1:]
    plain = [word for word in rest if not word.startswith('--')]
    given = dict(word[2:].partition('=')[::2] for word in rest if word.startswith('--'))
    if not values.get('installed'):
        fail('Nextcloud is not installed - only a limited number of commands are available')
    if name == 'config:system:set':
        at = values['system']
        for key in plain[:-1]:
            at = at.setdefault(key, {})
        at[plain[-1]] = {'true': True, 'false': False}.get(given['value']) if given.get('type') == 'boolean' else given['value']
    elif name == 'maintenance:mode':
        values['maintenance'] = 'on' in given
    elif name == 'app:enable':
        if plain != ['webhook_listeners']:
            fail(f'Could not download app {" ".join(plain)}')
        values['apps'] = plain
    elif name == 'background:cron':
        values['background'] = 'cron'
    elif name not in ('status', 'maintenance:data-fingerprint'):
        fail(f'Command "{name}" is not defined.')
    keep(values)
    print('done')


def cron():
    """/cron.sh: only in a folder where Nextcloud is installed."""
    drop('33:33')
    while not config().get('installed'):
        time.sleep(1)
    print('crond: started', flush=True)
    until_stopped()


COMMANDS = {'php': occ, 'cron.sh': cron}


def account(request):
    user, password = request.basic
    row = user and store.one('SELECT * FROM oc_users WHERE uid = %s', user)
    if not row or not matches(password, row['password']):
        raise Answer(401, {'message': 'Cannot authenticate'}, WWW_Authenticate='Basic realm="Nextcloud"')
    return user


def guard(request):
    host = (request.headers.get('Host') or '').rsplit(':', 1)[0]
    trusted = [str(name).rsplit(':', 1)[0] for name in config().get('system', {}).get('trusted_domains', {}).values()]
    if host not in ('localhost', '127.0.0.1', *trusted):
        raise Answer(400, '<h2>Access through untrusted domain</h2>')
    if config().get('maintenance'):
        raise Answer(503, 'maintenance', X_Nextcloud_Maintenance_Mode='1')


@route('GET', '/status.php')
def status(request):
    values = config()
    installed = bool(values.get('installed'))
    if installed:
        store.run('SELECT 1 FROM oc_users LIMIT 1')
    return {'installed': installed, 'maintenance': bool(values.get('maintenance')), 'needsDbUpgrade': False, 'version': '34.0.3.1', 'versionstring': '34.0.3', 'edition': '', 'productname': 'Nextcloud'}


@route('GET', '/(?:login)?')
def front(request):
    guard(request)
    return front_page('Nextcloud')


@route('PUT', '/remote\\.php/dav/files/([^/]+)/(.+)')
def put(request, owner, path):
    guard(request)
    user = account(request)
    folder = os.path.realpath(f'{DATA}/{user}/files')
    file = os.path.realpath(f'{folder}/{path}')
    if owner != user or not file.startswith(folder + '/'):
        return Answer(403, {'message': 'Forbidden'})
    known = os.path.exists(file)
    open(file, 'wb').write(request.raw)
    store.run('INSERT INTO oc_filecache (path, size, mtime) VALUES (%s, %s, %s)', f'files/{path}', len(request.raw), int(time.time()))
    row = store.one('SELECT MAX(fileid) AS id FROM oc_filecache')
    event = 'NodeWrittenEvent' if known else 'NodeCreatedEvent'
    tell(f'OCP\\Files\\Events\\Node\\{event}', {'id': row['id'], 'path': f'/{user}/files/{path}'}, user)
    return Answer(204 if known else 201)


@route('GET', '/remote\\.php/dav/files/([^/]+)/(.+)')
def read(request, owner, path):
    guard(request)
    user = account(request)
    file = os.path.realpath(f'{DATA}/{user}/files/{path}')
    if owner != user or not store.one('SELECT 1 FROM oc_filecache WHERE path = %s', f'files/{path}') or not os.path.isfile(file):
        return Answer(404, {'message': 'not found'})
    return Answer(200, open(file, 'rb').read(), Content_Type='application/octet-stream')


def ocs(request):
    """Who asks; only where the app is on."""
    guard(request)
    user = account(request)
    if request.headers.get('OCS-APIRequest') != 'true':
        raise Answer(412, {'message': 'CSRF check failed'})
    if 'webhook_listeners' not in config().get('apps', []):
        raise Answer(404, {'ocs': {'meta': {'status': 'failure', 'statuscode': 998, 'message': 'Invalid query'}, 'data': []}})
    return user


def meta(data):
    return {'ocs': {'meta': {'status': 'ok', 'statuscode': 200}, 'data': data}}


LISTENERS = '/ocs/v2\\.php/apps/webhook_listeners/api/v1/webhooks'


@route('POST', LISTENERS)
def register(request):
    user, wanted = ocs(request), request.json
    store.run('INSERT INTO oc_webhook_listeners (user_id, http_method, uri, event, headers, auth_method, auth_data) VALUES (%s, %s, %s, %s, %s, %s, %s)', user, wanted['httpMethod'], wanted['uri'], wanted['event'], json.dumps(wanted.get('headers') or {}), wanted.get('authMethod', 'none'), json.dumps(wanted.get('authData') or {}))
    return meta({'id': str(store.last)})


@route('GET', LISTENERS)
def listeners(request):
    ocs(request)
    return meta([{'id': str(row['id']), 'uri': row['uri'], 'event': row['event']} for row in store.run('SELECT * FROM oc_webhook_listeners ORDER BY id')])


@route('DELETE', LISTENERS + '/([0-9]+)')
def unregister(request, id):
    ocs(request)
    store.run('DELETE FROM oc_webhook_listeners WHERE id = %s', id)
    return meta(True)


def tell(event, node, user):
    body = json.dumps({'event': {'class': event, 'node': node}, 'user': {'uid': user, 'displayName': user}, 'time': int(time.time())}).encode()
    local = config()['system'].get('allow_local_remote_servers') is True
    for row in store.run('SELECT * FROM oc_webhook_listeners WHERE event = %s', event):
        # No Content-Type unless one was configured.
        headers = {'User-Agent': 'Nextcloud-Server-Crawler/34.0.3', **json.loads(row['headers'])}
        if row['auth_method'] == 'header':
            headers.update(json.loads(row['auth_data']))
        deliver(row['uri'], body, headers, 30, guarded=not local)


def main():
    os.makedirs(DATA, exist_ok=True)
    if os.getuid() == 0:
        subprocess.run(['chown', '-R', '33:33', HTML], check=True)
    server = ThreadingHTTPServer(('0.0.0.0', 80), Handler)
    server.daemon_threads = True
    drop('33:33')
    install()
    for hook in sorted(glob.glob('/docker-entrypoint-hooks.d/before-starting/*.sh')):
        if not os.access(hook, os.X_OK):
            print(f'==> The script "{hook}" was skipped, because it didn\'t have the executable flag', flush=True)
            continue
        if subprocess.run([hook], cwd=HTML).returncode != 0:
            fail(f'==> Failed at executing "{hook}"')
    threading.Thread(target=server.serve_forever, daemon=True).start()
    until_stopped()
