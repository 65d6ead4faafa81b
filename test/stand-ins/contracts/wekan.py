"""wekan:v11: MongoDB (any server of that protocol), port 8080, /data, the first account becomes the administrator."""
from stand_in import *

db = None
MEMBER_PATHS = '/(?:sign-in)?'


def user_of(request):
    word = request.bearer or ''
    row = db.users.find_one({'services.resume.loginTokens.hashedToken': hashlib.sha256(word.encode()).hexdigest()})
    if not row:
        raise Answer(401, {'statusCode': 401, 'reason': 'Unauthorized'})
    return row


def session(user):
    word = token(43)
    db.users.update_one({'_id': user['_id']}, {'$push': {'services.resume.loginTokens': {'when': now(), 'hashedToken': hashlib.sha256(word.encode()).hexdigest()}}})
    return {'id': user['_id'], 'token': word, 'tokenExpires': '2027-03-01T00:00:00.000Z'}


@route('GET', MEMBER_PATHS)
def front(request):
    db.settings.find_one({})
    return front_page('WeKan')


@route('POST', '/users/register')
def register(request):
    wanted = request.json if request.raw.startswith(b'{') else request.form
    if (db.settings.find_one({}) or {}).get('disableRegistration'):
        return Answer(403, {'error': 'registration is disabled'})
    if db.users.find_one({'username': wanted['username']}):
        return Answer(500, {'error': 403, 'reason': 'Username already exists.'})
    first = db.users.count_documents({}) == 0
    user = {'_id': token(17), 'username': wanted['username'], 'emails': [{'address': wanted['email'], 'verified': False}], 'services': {'password': {'bcrypt': hashed(wanted['password'])}, 'resume': {'loginTokens': []}}, 'isAdmin': first, 'createdAt': now()}
    db.users.insert_one(user)
    return session(user)


@route('POST', '/users/login')
def login(request):
    wanted = request.json if request.raw.startswith(b'{') else request.form
    row = db.users.find_one({'username': wanted.get('username', '')})
    if not row or not matches(wanted.get('password', ''), row['services']['password']['bcrypt']):
        return Answer(400, {'error': 'not-found' if not row else 'wrong-password', 'reason': 'User not found or wrong password'})
    return session(row)


@route('GET', '/api/user')
def me(request):
    row = user_of(request)
    return {'_id': row['_id'], 'username': row['username'], 'isAdmin': row['isAdmin']}


@route('POST', '/api/boards')
def create_board(request):
    user, board, lane = user_of(request), token(17), token(17)
    db.boards.insert_one({'_id': board, 'title': request.json['title'], 'slug': request.json['title'].lower(), 'members': [{'userId': user['_id'], 'isAdmin': True}]})
    db.swimlanes.insert_one({'_id': lane, 'boardId': board, 'title': 'Default'})
    return {'_id': board, 'defaultSwimlaneId': lane}


@route('POST', '/api/boards/([^/]+)/lists')
def create_list(request, board):
    user_of(request)
    id = token(17)
    db.lists.insert_one({'_id': id, 'boardId': board, 'title': request.json['title']})
    return {'_id': id}


@route('POST', '/api/boards/([^/]+)/lists/([^/]+)/cards')
def create_card(request, board, list):
    user = user_of(request)
    card, wanted = token(17), request.json
    db.cards.insert_one({'_id': card, 'boardId': board, 'listId': list, 'title': wanted['title'], 'userId': user['_id'], 'createdAt': now()})
    row = db.boards.find_one({'_id': board})
    target = db.lists.find_one({'_id': list})
    text = f'{user["username"]} created card "{wanted["title"]}" to list "{target["title"]}" at board "{row["title"]}"\n{env("ROOT_URL")}/b/{board}/{row["slug"]}/{card}'
    body = {'text': text, 'cardId': card, 'listId': list, 'boardId': board, 'user': user['username'], 'card': wanted['title'], 'description': 'act-createCard'}
    for hook in db.integrations.find({'boardId': board}):
        headers = {'Content-Type': 'application/json', **({'X-Wekan-Token': hook['token']} if hook.get('token') else {})}
        # No switch allows a private address.
        deliver(hook['url'], json.dumps(body).encode(), headers)
    return {'_id': card}


@route('GET', '/api/boards/([^/]+)/lists/([^/]+)/cards')
def cards(request, board, list):
    user_of(request)
    return [{'_id': card['_id'], 'title': card['title']} for card in db.cards.find({'boardId': board, 'listId': list})]


@route('GET', '/api/users/([^/]+)/boards')
def boards(request, user):
    user_of(request)
    return [{'_id': board['_id'], 'title': board['title']} for board in db.boards.find({'members.userId': user})]


@route('GET', '/api/boards/([^/]+)/lists')
def lists(request, board):
    user_of(request)
    return [{'_id': row['_id'], 'title': row['title']} for row in db.lists.find({'boardId': board})]


@route('POST', '/api/boards/([^/]+)/integrations')
def add_hook(request, board):
    user_of(request)
    id = token(17)
    db.integrations.insert_one({'_id': id, 'boardId': board, 'url': request.json['url'], 'token': request.json.get('token', ''), 'type': 'outgoing-webhooks', 'activities': ['all']})
    return {'_id': id}


def main():
    global db
    import pymongo

    address = env('MONGO_URL')
    if not address:
        fail('Error: MONGO_URL must be set in environment')
    if not re.match(r'^https?://', env('ROOT_URL', '')):
        fail('Error: Must pass options.rootUrl or set ROOT_URL in the server environment')
    port = int(env('PORT', '8080'))
    folder = env('WRITABLE_PATH', refuse='Error: WRITABLE_PATH is not set')
    os.makedirs(f'{folder}/files', exist_ok=True)
    for attempt in range(30):
        try:
            db = pymongo.MongoClient(address, serverSelectionTimeoutMS=3000).get_default_database()
            db.settings.find_one({})
            break
        except pymongo.errors.OperationFailure as error:
            fail(f'MongoServerError: {error}')
        except pymongo.errors.PyMongoError as error:
            reason = error
            time.sleep(1)
    else:
        fail(f'MongoServerSelectionError: {reason}')
    if db.settings.count_documents({}) == 0:
        db.settings.insert_one({'_id': token(17), 'disableRegistration': False, 'productName': ''})
    serve(port)
    until_stopped()
