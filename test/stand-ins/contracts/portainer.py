"""portainer-ce:2.33: /data, port 9000, the engine's socket, an administrator from a file."""
from stand_in import *

store, words = None, set()


def engine(path):
    connection = socket.socket(socket.AF_UNIX)
    connection.settimeout(5)
    connection.connect('/var/run/docker.sock')
    connection.sendall(f'GET {path} HTTP/1.0\r\nHost: docker\r\n\r\n'.encode())
    text = b''
    while chunk := connection.recv(65536):
        text += chunk
    return json.loads(text.split(b'\r\n\r\n', 1)[1])


def portainer(*arguments):
    given = dict(word.lstrip('-').partition('=')[::2] for word in arguments)
    if 'admin-password-file' not in given:
        print('no administrator: the first comer sets the password', flush=True)
        password = None
    else:
        password = open(given['admin-password-file']).read().strip()
        if len(password) < 12:
            fail('password must be at least 12 characters')
    start(password)


COMMANDS = {'portainer': portainer}


@route('GET', '/api/system/status')
def status(request):
    return {'Version': '2.33.2', 'InstanceID': store.one('SELECT value FROM settings WHERE name = %s', 'id')['value']}


@route('POST', '/api/auth')
def sign_in(request):
    row = store.one('SELECT * FROM users WHERE username = %s', request.json.get('username', ''))
    if not row or not matches(request.json.get('password', ''), row['password']):
        return Answer(422, {'message': 'Invalid credentials', 'details': 'Unauthorized'})
    word = token(40)
    words.add(word)
    return {'jwt': word}


def user_of(request):
    if request.bearer not in words:
        raise Answer(401, {'message': 'A valid authorization token is missing'})


@route('POST', '/api/tags')
def tag(request):
    user_of(request)
    store.run('INSERT INTO tags (name) VALUES (%s)', request.json['name'])
    return {'ID': store.last, 'Name': request.json['name']}


@route('GET', '/api/tags')
def tags(request):
    user_of(request)
    return [{'Name': row['name']} for row in store.run('SELECT name FROM tags')]


@route('GET', '/api/endpoints/1/docker/containers/json')
def containers(request):
    user_of(request)
    return engine('/containers/json')


@route('GET', '/')
def front(request):
    return front_page('Portainer')


def start(password):
    global store
    if not os.path.exists('/var/run/docker.sock'):
        fail('unable to reach the environment: /var/run/docker.sock')
    store = sqlite('/data/portainer.db')
    store.run('CREATE TABLE IF NOT EXISTS users (username TEXT PRIMARY KEY, password TEXT)')
    store.run('CREATE TABLE IF NOT EXISTS tags (id INTEGER PRIMARY KEY, name TEXT)')
    store.run('CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, value TEXT)')
    store.run('INSERT OR IGNORE INTO settings VALUES (%s, %s)', 'id', token())
    if password:
        store.run('INSERT OR IGNORE INTO users VALUES (%s, %s)', 'admin', hashed(password))
    serve(9000)
    until_stopped()


def main():
    portainer(*sys.argv[2:])
