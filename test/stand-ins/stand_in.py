"""A stand-in for an application that cannot be built here: the contract of its image, and nothing of the application.

The module named by STAND_IN keeps the contract of one image: which variables it wants and how it refuses without them,
ports, folders, tables in a real database, the first administrator, webhooks out and in. It says on its front page what it is.
"""
import base64, hashlib, hmac, html, importlib, json, os, re, signal, socket, ssl, sys, threading, time, urllib.error, urllib.parse, urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))


def fail(message, code=1):
    """Ends as the upstream image would: with a word on stderr and an exit code."""
    print(message, file=sys.stderr, flush=True)
    sys.exit(code)


def env(name, default=None, refuse=None):
    """A variable; `refuse` is what upstream says when it is missing or empty."""
    value = os.environ.get(name, '')
    if value != '':
        return value
    if refuse is not None:
        fail(refuse)
    return default


# -- databases ---------------------------------------------------------------------------------------------------------


class Store:
    """One connection, one lock: `%s` for values, rows as dictionaries."""

    def __init__(self, connect, mark='%s', keep=None):
        self.connect, self.mark, self.keep = connect, mark, keep
        self.lock, self.connection = threading.RLock(), None

    def run(self, sql, *values):
        with self.lock:
            for attempt in (1, 2):
                try:
                    if self.connection is None:
                        self.connection = self.connect()
                    cursor = self.connection.cursor()
                    cursor.execute(sql.replace('%s', self.mark), values)
                    rows = []
                    if cursor.description:
                        names = [column[0] for column in cursor.description]
                        rows = [dict(zip(names, row)) for row in cursor.fetchall()]
                    self.connection.commit()
                    self.last = cursor.lastrowid if hasattr(cursor, 'lastrowid') else None
                    return rows
                except Exception as error:
                    broken = type(error).__name__ in ('OperationalError', 'InterfaceError', 'AdminShutdown')
                    try:
                        self.connection and self.connection.rollback()
                    except Exception:
                        pass
                    self.connection = None if broken else self.connection
                    if attempt == 2 or not broken:
                        raise

    def one(self, sql, *values):
        rows = self.run(sql, *values)
        return rows[0] if rows else None


def patiently(store, tries=10, pause=2, refuse='cannot connect to the database'):
    """As upstream: some tries, then an end with its reason."""
    for attempt in range(tries):
        try:
            return store.run('SELECT 1') and store
        except Exception as error:
            reason = f'{refuse}: {error}'
            if re.search(r'password|denied|authentication|does not exist|Unknown database', str(error), re.I):
                break
            time.sleep(pause)
    fail(reason)


def postgres(host, database, user, password, port=5432):
    import psycopg

    def connect():
        connection = psycopg.connect(host=host, port=port, dbname=database, user=user, password=password, connect_timeout=5)
        return connection

    return Store(connect)


def mysql(host, database, user, password):
    import pymysql

    return Store(lambda: pymysql.connect(host=host, database=database, user=user, password=password, charset='utf8mb4', connect_timeout=5))


def sqlite(path):
    import sqlite3

    os.makedirs(os.path.dirname(path), exist_ok=True)

    def connect():
        connection = sqlite3.connect(path, check_same_thread=False, timeout=20)
        connection.execute('PRAGMA journal_mode = WAL')
        return connection

    return Store(connect, mark='?')


# -- accounts ----------------------------------------------------------------------------------------------------------


def hashed(password):
    salt = os.urandom(12).hex()
    return f'pbkdf2${salt}${hashlib.pbkdf2_hmac("sha256", password.encode(), salt.encode(), 60_000).hex()}'


def matches(password, stored):
    kind, _, rest = (stored or '').partition('$')
    salt, _, digest = rest.partition('$')
    if kind != 'pbkdf2':
        return False
    return hmac.compare_digest(hashlib.pbkdf2_hmac('sha256', password.encode(), salt.encode(), 60_000).hex(), digest)


def token(length=26):
    return base64.b32encode(os.urandom(length)).decode().lower()[:length]


# -- HTTP --------------------------------------------------------------------------------------------------------------


class Request:
    def __init__(self, handler, body):
        address = urllib.parse.urlsplit(handler.path)
        self.method, self.path, self.raw = handler.command, urllib.parse.unquote(address.path), body
        self.query = dict(urllib.parse.parse_qsl(address.query, keep_blank_values=True))
        self.headers = handler.headers
        self.client = handler.client_address[0]

    @property
    def json(self):
        try:
            return json.loads(self.raw or b'{}')
        except ValueError:
            raise Answer(400, {'message': 'the body is not JSON'}) from None

    @property
    def form(self):
        return dict(urllib.parse.parse_qsl(self.raw.decode(), keep_blank_values=True))

    @property
    def basic(self):
        """(user, password) of the Authorization header, else (None, None)."""
        kind, _, value = self.headers.get('Authorization', '').partition(' ')
        if kind.lower() != 'basic':
            return None, None
        user, _, password = base64.b64decode(value).decode().partition(':')
        return user, password

    @property
    def bearer(self):
        kind, _, value = self.headers.get('Authorization', '').partition(' ')
        return value.strip() if kind.lower() in ('bearer', 'token') else None

    @property
    def cookies(self):
        pairs = (part.strip().partition('=') for part in self.headers.get('Cookie', '').split(';'))
        return {name: value for name, _, value in pairs}


class Answer(Exception):
    """Returned or raised by a route: status, a dictionary (JSON) or text (HTML), headers."""

    def __init__(self, status=200, body='', **headers):
        self.status, self.body = status, body
        self.headers = {name.replace('_', '-'): value for name, value in headers.items()}


ROUTES = []


def route(method, pattern):
    def keep(function):
        ROUTES.append((method, re.compile(f'^{pattern}$'), function))
        return function

    return keep


def front_page(name, more=''):
    """What a person sees: that this is no {name}."""
    return Answer(
        200,
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>Stand-in for {html.escape(name)}</title>'
        f'<h1>This is not {html.escape(name)}</h1><p>A stand-in for tests: it keeps the contract of the image and nothing else.</p>{more}</html>',
    )


class Handler(BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'
    server_version = 'stand-in'

    def respond(self):
        body = self.rfile.read(int(self.headers.get('Content-Length') or 0))
        request = Request(self, body)
        answer = Answer(404, {'message': 'Not Found'})
        try:
            for method, pattern, function in ROUTES:
                found = pattern.match(request.path)
                if found and method in (self.command, '*'):
                    answer = function(request, *found.groups())
                    break
        except Answer as refused:
            answer = refused
        except Exception as error:
            print(f'{self.command} {self.path}: {type(error).__name__}: {error}', file=sys.stderr, flush=True)
            answer = Answer(500, {'message': 'internal error'})
        if not isinstance(answer, Answer):
            answer = Answer(200, answer)
        data, kind = answer.body, 'text/html; charset=utf-8'
        if isinstance(data, (dict, list, bool)):
            data, kind = json.dumps(data, separators=(',', ':'), ensure_ascii=False), 'application/json'
        data = data.encode() if isinstance(data, str) else data
        self.send_response(answer.status)
        headers = {'Content-Type': kind, **answer.headers}
        for name, value in headers.items():
            for line in value if isinstance(value, list) else [value]:
                self.send_header(name, line)
        self.send_header('Content-Length', str(len(data)))
        self.end_headers()
        if self.command != 'HEAD':
            self.wfile.write(data)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_PROPFIND = do_MKCOL = do_OPTIONS = respond

    def log_message(self, format, *values):
        pass


def serve(port, user=None):
    """Until a signal ends it. `user`: uid:gid that the upstream image runs as."""
    server = ThreadingHTTPServer(('0.0.0.0', port), Handler)
    server.daemon_threads = True
    drop(user)
    print(f'stand-in for {os.environ["STAND_IN"]} on port {port}', flush=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def drop(user):
    if user and os.getuid() == 0:
        uid, _, gid = user.partition(':')
        os.setgroups([])
        os.setgid(int(gid))
        os.setuid(int(uid))


def until_stopped():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    signal.signal(signal.SIGINT, lambda *_: sys.exit(0))
    signal.signal(signal.SIGQUIT, lambda *_: sys.exit(0))
    while True:
        signal.pause()


# -- webhooks ----------------------------------------------------------------------------------------------------------

PRIVATE = re.compile(r'^(10\.|127\.|169\.254\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|0\.|::1$|f[cd])')


def refused_target(url, allowed=()):
    """Why a sender with upstream's guard would not speak to this address; None when it would."""
    host = urllib.parse.urlsplit(url).hostname or ''
    if host in allowed:
        return None
    try:
        addresses = {info[4][0] for info in socket.getaddrinfo(host, None)}
    except OSError:
        return f'{host} cannot be resolved'
    private = [address for address in addresses if PRIVATE.match(address)]
    return f'{host} is a private address ({private[0]})' if private else None


def deliver(url, body, headers, timeout=10, allowed=(), guarded=True):
    """Sends once, in the background, as upstream does: no retry, the reason in the log."""

    def send():
        why = refused_target(url, allowed) if guarded else None
        if why:
            return print(f'webhook refused: {why}', file=sys.stderr, flush=True)
        try:
            sent = urllib.request.Request(url, data=body, headers=headers, method='POST')
            unchecked = ssl._create_unverified_context()
            with urllib.request.urlopen(sent, timeout=timeout, context=unchecked) as answer:
                print(f'webhook {url.split("?")[0].rsplit("/", 1)[0]}/… answered {answer.status}', flush=True)
        except (OSError, urllib.error.URLError) as error:
            print(f'webhook failed: {error}', file=sys.stderr, flush=True)

    threading.Thread(target=send, daemon=True).start()


def signature(secret, body, algorithm='sha256'):
    return hmac.new(secret.encode(), body, algorithm).hexdigest()


def now():
    return time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime()) + f'.{int(time.time() * 1000) % 1000:03d}Z'


def get(url, headers=None, timeout=5):
    with urllib.request.urlopen(urllib.request.Request(url, headers=headers or {}), timeout=timeout) as answer:
        return answer.status, answer.read()


if __name__ == '__main__':
    # The contracts import this file under its name; without this there would be two sets of routes.
    sys.modules['stand_in'] = sys.modules['__main__']
    contract = importlib.import_module(f'contracts.{os.environ["STAND_IN"].replace("-", "_")}')
    called = os.path.basename(os.environ.get('CALLED', sys.argv[1] if len(sys.argv) > 1 else 'serve'))
    arguments = sys.argv[2:]
    if called == 'serve':
        contract.main()
    else:
        sys.exit(contract.COMMANDS[called](*arguments) or 0)
