"""mattermost-team-edition:11: PostgreSQL, uid 2000, port 8065, no shell, mmctl over a local socket."""
from stand_in import *

TABLES = [
    'CREATE TABLE IF NOT EXISTS users (id VARCHAR(26) PRIMARY KEY, username VARCHAR(64) UNIQUE, email VARCHAR(128) UNIQUE, password VARCHAR(256), roles VARCHAR(256), createat BIGINT)',
    'CREATE TABLE IF NOT EXISTS sessions (id VARCHAR(26) PRIMARY KEY, token VARCHAR(26), userid VARCHAR(26))',
    'CREATE TABLE IF NOT EXISTS teams (id VARCHAR(26) PRIMARY KEY, name VARCHAR(64) UNIQUE, displayname VARCHAR(64), type VARCHAR(1))',
    'CREATE TABLE IF NOT EXISTS channels (id VARCHAR(26) PRIMARY KEY, teamid VARCHAR(26), name VARCHAR(64), displayname VARCHAR(64), type VARCHAR(1))',
    'CREATE TABLE IF NOT EXISTS posts (id VARCHAR(26) PRIMARY KEY, channelid VARCHAR(26), userid VARCHAR(26), message TEXT, props TEXT, createat BIGINT)',
    'CREATE TABLE IF NOT EXISTS incomingwebhooks (id VARCHAR(26) PRIMARY KEY, channelid VARCHAR(26), displayname VARCHAR(64), userid VARCHAR(26))',
    'CREATE TABLE IF NOT EXISTS outgoingwebhooks (id VARCHAR(26) PRIMARY KEY, token VARCHAR(26), channelid VARCHAR(26), teamid VARCHAR(26), triggerwords TEXT, callbackurls TEXT, contenttype VARCHAR(128))',
    'CREATE TABLE IF NOT EXISTS commands (id VARCHAR(26) PRIMARY KEY, token VARCHAR(26), teamid VARCHAR(26), trigger VARCHAR(128), url TEXT)',
    'CREATE TABLE IF NOT EXISTS systems (name VARCHAR(64) PRIMARY KEY, value VARCHAR(1024))',
]
store = None


def refusal(status, id, message):
    return Answer(status, {'id': id, 'message': message, 'detailed_error': '', 'request_id': token(), 'status_code': status})


def mmctl(*arguments):
    if list(arguments) != ['system', 'status', '--local']:
        fail(f'Error: unknown command "{" ".join(arguments[:2])}" for "mmctl"')
    try:
        status, body = get('http://127.0.0.1:8065/api/v4/system/ping')
        if json.loads(body)['status'] == 'OK':
            return print('Server status: OK')
    except OSError as error:
        fail(f'Error: unable to fetch server status: {error}')
    return 1


COMMANDS = {'mmctl': mmctl}


def user_of(request):
    row = store.one('SELECT u.* FROM users u JOIN sessions s ON s.userid = u.id WHERE s.token = %s', request.bearer or '')
    if not row:
        raise refusal(401, 'api.context.session_expired.app_error', 'Invalid or expired session, please login again.')
    return row


def seen(row):
    return {key: row[key] for key in ('id', 'username', 'email', 'roles')}


@route('GET', '/api/v4/system/ping')
def ping(request):
    store.run('SELECT 1 FROM systems LIMIT 1')
    return {'status': 'OK', 'ActiveSearchBackend': 'database'}


@route('GET', '/(?:login)?')
def front(request):
    return front_page('Mattermost')


@route('POST', '/api/v4/users')
def create_user(request):
    wanted = request.json
    first = store.one('SELECT COUNT(*) AS n FROM users')['n'] == 0
    if not first and env('MM_TEAMSETTINGS_ENABLEOPENSERVER', 'false') != 'true':
        return refusal(403, 'api.user.create_user.no_open_server', 'This server does not allow open signups.  Please speak with your Administrator to receive an invitation.')
    if len(wanted.get('password', '')) < int(env('MM_PASSWORDSETTINGS_MINIMUMLENGTH', '8')):
        return refusal(400, 'model.user.is_valid.pwd_min_length.app_error', 'Your password is too short.')
    if not re.fullmatch(r'[a-z0-9._-]{3,22}', wanted.get('username', '')):
        return refusal(400, 'model.user.is_valid.username.app_error', 'Username must begin with a letter.')
    if store.one('SELECT 1 FROM users WHERE username = %s OR email = %s', wanted['username'], wanted['email']):
        return refusal(400, 'app.user.save.username_exists.app_error', 'An account with that username already exists.')
    roles = 'system_user system_admin' if first else 'system_user'
    store.run('INSERT INTO users VALUES (%s, %s, %s, %s, %s, %s)', token(), wanted['username'], wanted['email'], hashed(wanted['password']), roles, int(time.time() * 1000))
    return Answer(201, seen(store.one('SELECT * FROM users WHERE username = %s', wanted['username'])))


@route('POST', '/api/v4/users/login')
def login(request):
    wanted = request.json
    row = store.one('SELECT * FROM users WHERE username = %s OR email = %s', wanted.get('login_id', ''), wanted.get('login_id', ''))
    if not row or not matches(wanted.get('password', ''), row['password']):
        return refusal(401, 'api.user.login.invalid_credentials_email_username', 'Enter a valid email or username and/or password.')
    session = token()
    store.run('INSERT INTO sessions VALUES (%s, %s, %s)', token(), session, row['id'])
    return Answer(200, seen(row), Token=session)


@route('GET', '/api/v4/users/me')
def me(request):
    return seen(user_of(request))


@route('POST', '/api/v4/users/logout')
def logout(request):
    store.run('DELETE FROM sessions WHERE token = %s', request.bearer or '')
    return {'status': 'OK'}


@route('GET', '/api/v4/teams/name/([^/]+)')
def team(request, name):
    user_of(request)
    row = store.one('SELECT * FROM teams WHERE name = %s', name)
    return {'id': row['id'], 'name': row['name']} if row else refusal(404, 'app.team.get_by_name.missing.app_error', 'Unable to find the existing team.')


@route('POST', '/api/v4/teams')
def create_team(request):
    user_of(request)
    wanted = request.json
    if store.one('SELECT 1 FROM teams WHERE name = %s', wanted['name']):
        return refusal(400, 'app.team.save.existing.app_error', 'A team with that name already exists')
    team = token()
    store.run('INSERT INTO teams VALUES (%s, %s, %s, %s)', team, wanted['name'], wanted['display_name'], wanted['type'])
    for name in ('town-square', 'off-topic'):
        store.run('INSERT INTO channels VALUES (%s, %s, %s, %s, %s)', token(), team, name, name.replace('-', ' ').title(), 'O')
    return Answer(201, {'id': team, 'name': wanted['name']})


@route('GET', '/api/v4/teams/name/([^/]+)/channels/name/([^/]+)')
def channel(request, team, name):
    user_of(request)
    row = store.one('SELECT c.* FROM channels c JOIN teams t ON t.id = c.teamid WHERE t.name = %s AND c.name = %s', team, name)
    return {'id': row['id'], 'team_id': row['teamid'], 'name': row['name']} if row else refusal(404, 'app.channel.get_by_name.missing.app_error', 'Channel does not exist.')


def save(channel, user, message, props=None):
    post = token()
    store.run('INSERT INTO posts VALUES (%s, %s, %s, %s, %s, %s)', post, channel, user['id'], message, json.dumps(props or {}), int(time.time() * 1000))
    return post


def allowed():
    return env('MM_SERVICESETTINGS_ALLOWEDUNTRUSTEDINTERNALCONNECTIONS', '').replace(',', ' ').split()


@route('POST', '/api/v4/posts')
def create_post(request):
    user = user_of(request)
    wanted = request.json
    row = store.one('SELECT c.*, t.name AS team FROM channels c JOIN teams t ON t.id = c.teamid WHERE c.id = %s', wanted.get('channel_id', ''))
    if not row:
        return refusal(404, 'app.channel.get.existing.app_error', 'Unable to find the existing channel.')
    post = save(row['id'], user, wanted['message'])
    for hook in store.run('SELECT * FROM outgoingwebhooks WHERE teamid = %s', row['teamid']):
        word = (wanted['message'].split() or [''])[0]
        if hook['channelid'] not in ('', row['id']) or (json.loads(hook['triggerwords']) and word not in json.loads(hook['triggerwords'])):
            continue
        payload = {'token': hook['token'], 'team_id': row['teamid'], 'team_domain': row['team'], 'channel_id': row['id'], 'channel_name': row['name'], 'timestamp': int(time.time() * 1000), 'user_id': user['id'], 'user_name': user['username'], 'post_id': post, 'text': wanted['message'], 'trigger_word': word, 'file_ids': ''}
        as_json = hook['contenttype'] == 'application/json'
        body = json.dumps(payload) if as_json else urllib.parse.urlencode(payload)
        kind = 'application/json' if as_json else 'application/x-www-form-urlencoded'
        for url in json.loads(hook['callbackurls']):
            deliver(url, body.encode(), {'Content-Type': kind, 'Accept': 'application/json', 'User-Agent': 'Mattermost-Bot/1.1'}, 30, allowed())
    return Answer(201, {'id': post, 'message': wanted['message']})


@route('GET', '/api/v4/channels/([^/]+)/posts')
def posts(request, id):
    user_of(request)
    rows = store.run('SELECT * FROM posts WHERE channelid = %s ORDER BY createat DESC', id)
    return {'order': [row['id'] for row in rows], 'posts': {row['id']: {'id': row['id'], 'message': row['message'], 'props': json.loads(row['props'])} for row in rows}}


@route('POST', '/api/v4/hooks/incoming')
def add_incoming(request):
    user = user_of(request)
    hook = token()
    store.run('INSERT INTO incomingwebhooks VALUES (%s, %s, %s, %s)', hook, request.json['channel_id'], request.json.get('display_name', ''), user['id'])
    return Answer(201, {'id': hook, 'channel_id': request.json['channel_id']})


@route('GET', '/api/v4/hooks/outgoing')
def outgoing(request):
    user_of(request)
    rows = store.run('SELECT * FROM outgoingwebhooks WHERE teamid = %s', request.query.get('team_id', ''))
    return [{'id': row['id'], 'team_id': row['teamid'], 'callback_urls': json.loads(row['callbackurls'])} for row in rows]


@route('DELETE', '/api/v4/hooks/outgoing/([a-z0-9]+)')
def remove_outgoing(request, id):
    user_of(request)
    store.run('DELETE FROM outgoingwebhooks WHERE id = %s', id)
    return {'status': 'OK'}


@route('GET', '/api/v4/commands')
def commands(request):
    user_of(request)
    return [{'id': row['id'], 'trigger': row['trigger'], 'url': row['url']} for row in store.run('SELECT * FROM commands WHERE teamid = %s', request.query.get('team_id', ''))]


@route('POST', '/api/v4/commands')
def add_command(request):
    user_of(request)
    wanted, id, word = request.json, token(), token()
    if store.one('SELECT 1 FROM commands WHERE teamid = %s AND trigger = %s', wanted['team_id'], wanted['trigger']):
        return refusal(400, 'api.command.duplicate_trigger.app_error', 'This trigger word is already in use.  Please choose another word.')
    store.run('INSERT INTO commands VALUES (%s, %s, %s, %s, %s)', id, word, wanted['team_id'], wanted['trigger'], wanted['url'])
    return Answer(201, {'id': id, 'token': word, 'trigger': wanted['trigger'], 'url': wanted['url']})


@route('DELETE', '/api/v4/commands/([a-z0-9]+)')
def remove_command(request, id):
    user_of(request)
    store.run('DELETE FROM commands WHERE id = %s', id)
    return {'status': 'OK'}


@route('POST', '/api/v4/commands/execute')
def execute(request):
    user, wanted = user_of(request), request.json
    word, _, text = wanted['command'].lstrip('/').partition(' ')
    row = store.one('SELECT c.*, t.name AS team FROM commands c JOIN teams t ON t.id = c.teamid WHERE trigger = %s', word)
    channel = store.one('SELECT * FROM channels WHERE id = %s', wanted['channel_id'])
    if not row or not channel:
        return refusal(404, 'api.command.execute_command.not_found.app_error', f'Command with a trigger of \'/{word}\' not found.')
    body = urllib.parse.urlencode({'channel_id': channel['id'], 'channel_name': channel['name'], 'command': f'/{word}', 'response_url': 'http://127.0.0.1:8065/hooks/commands/x', 'team_domain': row['team'], 'team_id': row['teamid'], 'text': text, 'token': row['token'], 'trigger_id': token(), 'user_id': user['id'], 'user_name': user['username']})
    deliver(row['url'], body.encode(), {'Content-Type': 'application/x-www-form-urlencoded', 'Accept': 'application/json', 'Authorization': f'Token {row["token"]}', 'User-Agent': 'Mattermost-Bot/1.1'}, 30, allowed())
    return {'response_type': 'ephemeral', 'text': ''}


@route('POST', '/api/v4/hooks/outgoing')
def add_outgoing(request):
    user_of(request)
    wanted, hook, word = request.json, token(), token()
    store.run('INSERT INTO outgoingwebhooks VALUES (%s, %s, %s, %s, %s, %s, %s)', hook, word, wanted.get('channel_id', ''), wanted['team_id'], json.dumps(wanted.get('trigger_words', [])), json.dumps(wanted['callback_urls']), wanted.get('content_type', 'application/x-www-form-urlencoded'))
    return Answer(201, {'id': hook, 'token': word})


@route('POST', '/hooks/([a-z0-9]+)')
def incoming(request, id):
    if env('MM_SERVICESETTINGS_ENABLEINCOMINGWEBHOOKS', 'true') != 'true':
        return refusal(501, 'web.incoming_webhook.disabled.app_error', 'Incoming webhooks have been disabled by the system admin.')
    hook = store.one('SELECT * FROM incomingwebhooks WHERE id = %s', id)
    if not hook:
        return refusal(400, 'web.incoming_webhook.invalid.app_error', 'Invalid webhook.')
    form = 'urlencoded' in request.headers.get('Content-Type', '')
    payload = json.loads(request.form.get('payload', '{}')) if form else request.json
    if not payload.get('text') and not payload.get('attachments'):
        return refusal(400, 'web.incoming_webhook.text.app_error', 'No text specified.')
    channel = hook['channelid']
    if payload.get('channel'):
        row = store.one('SELECT id FROM channels WHERE name = %s', payload['channel'].lstrip('#'))
        if not row:
            return refusal(404, 'web.incoming_webhook.channel.app_error', 'Could not find the channel.')
        channel = row['id']
    text = payload.get('text') or ''
    for start in range(0, max(len(text), 1), 16383):
        save(channel, {'id': hook['userid']}, text[start : start + 16383], {'attachments': payload.get('attachments', []), 'from_webhook': 'true', 'override_username': payload.get('username')})
    return Answer(200, 'ok', Content_Type='text/plain')


def main():
    global store
    if env('MM_SQLSETTINGS_DRIVERNAME', 'postgres') != 'postgres':
        fail('{"level":"fatal","msg":"Failed to initialize platform: the only supported database driver is postgres"}')
    source = urllib.parse.urlsplit(env('MM_SQLSETTINGS_DATASOURCE', refuse='{"level":"fatal","msg":"Failed to ping DB: dial tcp 127.0.0.1:5432: connect: connection refused"}'))
    for folder in ('config', 'data', 'logs', 'plugins', 'client/plugins'):
        if not os.access(f'/mattermost/{folder}', os.W_OK):
            fail(f'{{"level":"fatal","msg":"open /mattermost/{folder}: permission denied"}}')
    store = patiently(postgres(source.hostname, source.path[1:], source.username, urllib.parse.unquote(source.password or ''), source.port or 5432), 18, 10, 'Failed to ping DB')
    for table in TABLES:
        store.run(table)
    if not os.path.exists('/mattermost/config/config.json'):
        open('/mattermost/config/config.json', 'w').write(json.dumps({'SqlSettings': {'AtRestEncryptKey': token(32)}}))
    serve(8065)
    until_stopped()
