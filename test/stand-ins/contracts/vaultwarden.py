"""vaultwarden/server:1: SQLite in /data, port 80, an administration page behind ADMIN_TOKEN, /alive."""
from stand_in import *

store, sessions = None, set()
TABLES = [
    'CREATE TABLE IF NOT EXISTS users (uuid TEXT PRIMARY KEY, email TEXT UNIQUE, password_hash TEXT, created_at TEXT)',
    'CREATE TABLE IF NOT EXISTS invitations (email TEXT PRIMARY KEY)',
]


def healthcheck(*arguments):
    return 0 if get('http://127.0.0.1:80/alive')[0] == 200 else 1


COMMANDS = {'healthcheck.sh': healthcheck}


def administrator(request):
    if request.cookies.get('VW_ADMIN') not in sessions:
        raise Answer(401, '<form method="post"><input name="token" type="password"></form>')


@route('GET', '/alive')
def alive(request):
    store.run('SELECT 1 FROM users LIMIT 1')
    return Answer(200, json.dumps(now()), Content_Type='application/json')


@route('POST', '/admin')
def sign_in(request):
    if not env('ADMIN_TOKEN'):
        return Answer(404, 'The admin panel is disabled, please configure the ADMIN_TOKEN variable to enable it')
    if not hmac.compare_digest(request.form.get('token', ''), env('ADMIN_TOKEN')):
        return Answer(401, 'Invalid admin token, please try again.')
    word = token(32)
    sessions.add(word)
    return Answer(303, '', Location='/admin', Set_Cookie=f'VW_ADMIN={word}; HttpOnly; SameSite=Strict; Path=/admin')


@route('GET', '/admin')
def page(request):
    administrator(request)
    return front_page('Vaultwarden')


@route('POST', '/admin/invite')
def invite(request):
    administrator(request)
    email = request.json['email'].lower()
    if store.one('SELECT 1 FROM users WHERE email = %s', email):
        return Answer(409, {'message': 'User already exists'})
    store.run('INSERT INTO users VALUES (%s, %s, NULL, %s)', token(), email, now())
    store.run('INSERT OR IGNORE INTO invitations VALUES (%s)', email)
    return {'email': email}


@route('GET', '/admin/users')
def users(request):
    administrator(request)
    return [{'email': row['email']} for row in store.run('SELECT email FROM users')]


@route('POST', '/identity/accounts/register')
def register(request):
    email = request.json.get('email', '').lower()
    invited = store.one('SELECT 1 FROM invitations WHERE email = %s', email)
    if not invited and env('SIGNUPS_ALLOWED', 'true') != 'true':
        return Answer(400, {'message': 'Registration not allowed or user already exists'})
    store.run('UPDATE users SET password_hash = %s WHERE email = %s', hashed(request.json['masterPasswordHash']), email)
    return {'object': 'register'}


@route('GET', '/')
def front(request):
    return front_page('Vaultwarden')


def main():
    global store
    if not re.match('https?://', env('DOMAIN', 'http://localhost')):
        fail("DOMAIN variable needs to contain the protocol (http, https). Use 'http[s]://bw.example.com' instead of 'bw.example.com'.")
    if env('_ENABLE_SMTP', 'true') == 'true' and bool(env('SMTP_HOST')) != bool(env('SMTP_FROM')):
        fail('Both `SMTP_HOST` and `SMTP_FROM` need to be set for email support without `USE_SENDMAIL`')
    store = sqlite('/data/db.sqlite3')
    for table in TABLES:
        store.run(table)
    serve(80)
    until_stopped()
