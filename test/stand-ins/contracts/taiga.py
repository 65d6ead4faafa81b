"""taiga 6: back (PostgreSQL, RabbitMQ, port 8000), async, front (80), events (8888), protected (8003). STAND_IN_PART says which."""
from stand_in import *

TABLES = [
    'CREATE TABLE IF NOT EXISTS users_user (id SERIAL PRIMARY KEY, username VARCHAR(255) UNIQUE, email VARCHAR(255), password VARCHAR(255), is_superuser BOOL)',
    'CREATE TABLE IF NOT EXISTS projects_project (id SERIAL PRIMARY KEY, name VARCHAR(250), slug VARCHAR(250), owner_id INTEGER)',
    'CREATE TABLE IF NOT EXISTS userstories_userstory (id SERIAL PRIMARY KEY, project_id INTEGER, ref INTEGER, subject TEXT)',
    'CREATE TABLE IF NOT EXISTS webhooks_webhook (id SERIAL PRIMARY KEY, project_id INTEGER, name VARCHAR(250), url VARCHAR(200), key TEXT)',
    'CREATE TABLE IF NOT EXISTS stand_in_session (word VARCHAR(64) PRIMARY KEY, user_id INTEGER)',
]
store = None


def connected():
    global store
    store = store or postgres(env('POSTGRES_HOST', refuse='django.db.utils.OperationalError: no POSTGRES_HOST'), env('POSTGRES_DB'), env('POSTGRES_USER'), env('POSTGRES_PASSWORD'))
    return store


def python(*arguments):
    """`python manage.py createsuperuser --noinput`, the only command that a box uses."""
    given = {word: arguments[at + 1] for at, word in enumerate(arguments[:-1]) if word.startswith('--')}
    if arguments[:2] != ('manage.py', 'createsuperuser') or '--noinput' not in arguments:
        fail(f'Unknown command: {arguments[1:2]}')
    connected()
    name = given['--username']
    if store.one('SELECT 1 FROM users_user WHERE username = %s', name):
        fail('CommandError: Error: That username is already taken.')
    store.run('INSERT INTO users_user (username, email, password, is_superuser) VALUES (%s, %s, %s, TRUE)', name, given['--email'], hashed(env('DJANGO_SUPERUSER_PASSWORD', refuse='CommandError: You must use --username with --noinput.')))
    print('Superuser created successfully.')


def queue(host):
    """RabbitMQ answers; its protocol is not spoken."""
    for attempt in range(30):
        try:
            with socket.create_connection((host, 5672), 3) as connection:
                connection.sendall(b'AMQP\x00\x00\x09\x01')
                if connection.recv(4):
                    return
        except OSError:
            time.sleep(1)
    fail(f'kombu.exceptions.OperationalError: {host} does not answer')


def worker(*arguments):
    env('TAIGA_SECRET_KEY', refuse='ImproperlyConfigured: The SECRET_KEY setting must not be empty.')
    patiently(connected(), 10, 2, 'django.db.utils.OperationalError')
    queue(env('TAIGA_ASYNC_RABBITMQ_HOST', 'taiga-async-rabbitmq'))
    print('celery: ready', flush=True)
    until_stopped()


COMMANDS = {'python': python, 'async_entrypoint.sh': worker}


def user_of(request):
    row = store.one('SELECT u.* FROM users_user u JOIN stand_in_session s ON s.user_id = u.id WHERE s.word = %s', request.bearer or '')
    if not row:
        raise Answer(401, {'_error_message': 'Invalid token', '_error_type': 'taiga.base.exceptions.NotAuthenticated'})
    return row


def back():
    @route('GET', '/api/v1/?')
    def root(request):
        store.run('SELECT 1 FROM users_user LIMIT 1')
        return {'projects': f'{site()}/api/v1/projects', 'users': f'{site()}/api/v1/users'}

    @route('POST', '/api/v1/auth')
    def sign_in(request):
        wanted = request.json
        row = store.one('SELECT * FROM users_user WHERE username = %s', wanted.get('username', ''))
        if wanted.get('type') != 'normal' or not row or not matches(wanted.get('password', ''), row['password']):
            return Answer(401, {'detail': 'No active account found with the given credentials', 'code': 'invalid_credentials'})
        word = token(40)
        store.run('INSERT INTO stand_in_session VALUES (%s, %s)', word, row['id'])
        return {'id': row['id'], 'username': row['username'], 'auth_token': word}

    @route('POST', '/api/v1/auth/register')
    def register(request):
        return Answer(400, {'_error_message': 'Public registration is disabled.'})

    @route('POST', '/api/v1/projects')
    def create_project(request):
        user, name = user_of(request), request.json['name']
        store.run('INSERT INTO projects_project (name, slug, owner_id) VALUES (%s, %s, %s)', name, name.lower(), user['id'])
        return Answer(201, store.one('SELECT id, name, slug FROM projects_project ORDER BY id DESC LIMIT 1'))

    @route('GET', '/api/v1/projects')
    def projects(request):
        user_of(request)
        return store.run('SELECT id, name, slug FROM projects_project')

    @route('POST', '/api/v1/webhooks')
    def add_hook(request):
        user_of(request)
        wanted = request.json
        store.run('INSERT INTO webhooks_webhook (project_id, name, url, key) VALUES (%s, %s, %s, %s)', wanted['project'], wanted['name'], wanted['url'], wanted['key'])
        return Answer(201, {'name': wanted['name']})

    @route('POST', '/api/v1/userstories')
    def create_story(request):
        user, wanted = user_of(request), request.json
        project = store.one('SELECT * FROM projects_project WHERE id = %s', wanted['project'])
        ref = store.one('SELECT COUNT(*) + 1 AS n FROM userstories_userstory WHERE project_id = %s', project['id'])['n']
        store.run('INSERT INTO userstories_userstory (project_id, ref, subject) VALUES (%s, %s, %s)', project['id'], ref, wanted['subject'])
        row = store.one('SELECT * FROM userstories_userstory ORDER BY id DESC LIMIT 1')
        link = f'{site()}/project/{project["slug"]}'
        payload = {'action': 'create', 'type': 'userstory', 'by': {'id': user['id'], 'permalink': f'{site()}/profile/{user["username"]}', 'username': user['username'], 'full_name': '', 'photo': None, 'gravatar_id': ''}, 'date': now(), 'data': {'id': row['id'], 'ref': ref, 'subject': row['subject'], 'permalink': f'{link}/us/{ref}', 'project': {'id': project['id'], 'name': project['name'], 'permalink': link}, 'assigned_to': None, 'milestone': None, 'tags': [], 'is_blocked': False}}
        body = json.dumps(payload).encode()
        for hook in store.run('SELECT * FROM webhooks_webhook WHERE project_id = %s', project['id']):
            signed = signature(hook['key'], body, 'sha1')
            headers = {'Content-Type': 'application/json', 'X-TAIGA-WEBHOOK-SIGNATURE': signed, 'X-Hub-Signature': f'sha1={signed}'}
            deliver(hook['url'], body, headers, 10, guarded=env('WEBHOOKS_ALLOW_PRIVATE_ADDRESS', 'False') != 'True')
        return Answer(201, {'id': row['id'], 'ref': ref, 'subject': row['subject']})

    @route('GET', '/api/v1/userstories')
    def stories(request):
        user_of(request)
        return store.run('SELECT ref, subject FROM userstories_userstory WHERE project_id = %s', int(request.query['project']))

    env('TAIGA_SECRET_KEY', refuse='ImproperlyConfigured: The SECRET_KEY setting must not be empty.')
    patiently(connected(), 10, 2, 'django.db.utils.OperationalError')
    for table in TABLES:
        store.run(table)
    for kind in ('async', 'events'):
        queue(env(f'TAIGA_{kind.upper()}_RABBITMQ_HOST', f'taiga-{kind}-rabbitmq'))
    os.makedirs('/taiga-back/static', exist_ok=True)
    open('/taiga-back/static/stand-in.css', 'w').write('/* static files of the stand-in */\n')
    serve(8000, '999:999')


def site():
    return f'{env("TAIGA_SITES_SCHEME")}://{env("TAIGA_SITES_DOMAIN")}'


def main():
    part = env('STAND_IN_PART')
    if part == 'back':
        back()
    elif part == 'front':
        for name in ('TAIGA_URL', 'TAIGA_WEBSOCKETS_URL'):
            env(name, refuse=f'envsubst: {name} is empty')

        @route('GET', '/.*')
        def front(request):
            return front_page('Taiga', f'<script>/* {html.escape(env("TAIGA_URL"))} */</script>')

        serve(80)
    elif part == 'events':
        env('TAIGA_SECRET_KEY', refuse='TypeError: secret must not be empty')
        queue('taiga-events-rabbitmq')

        @route('GET', '/events')
        def events(request):
            return Answer(426, 'Upgrade Required')

        serve(8888)
    else:
        env('SECRET_KEY', refuse='KeyError: SECRET_KEY')

        @route('GET', '/(.+)')
        def protected(request, path):
            return Answer(403, 'no valid token')

        serve(8003)
    until_stopped()
