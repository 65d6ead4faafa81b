"""mailpit:1.30: SMTP on 1025, pages and API on 8025 behind MP_UI_AUTH, SQLite in /data, a webhook for every mail."""
import socketserver
from stand_in import *

store = None


def mailpit(*arguments):
    if arguments == ('readyz',):
        return 0 if get('http://127.0.0.1:8025/readyz')[0] == 200 else 1
    fail(f'unknown command {arguments}')


COMMANDS = {'mailpit': mailpit}


def keep(sender, to, subject, text):
    id = token(22)
    store.run('INSERT INTO mailbox VALUES (%s, %s, %s, %s, %s, %s)', id, sender, to, subject, text, now())
    store.run('DELETE FROM mailbox WHERE id NOT IN (SELECT id FROM mailbox ORDER BY created DESC LIMIT %s)', int(env('MP_MAX_MESSAGES', '500')))
    if env('MP_WEBHOOK_URL'):
        body = json.dumps({'ID': id, 'From': {'Address': sender}, 'To': [{'Address': to}], 'Subject': subject, 'Snippet': text[:250]})
        deliver(env('MP_WEBHOOK_URL'), body.encode(), {'Content-Type': 'application/json', 'User-Agent': 'Mailpit/v1.30.5'}, guarded=False)
    return id


class Smtp(socketserver.StreamRequestHandler):
    def handle(self):
        say = lambda line: self.wfile.write(f'{line}\r\n'.encode())
        say('220 mailpit ESMTP')
        sender = to = ''
        while line := self.rfile.readline().decode(errors='replace').strip():
            verb = line.split(':')[0].split()[0].upper()
            if verb in ('EHLO', 'HELO'):
                say('250 mailpit')
            elif verb == 'MAIL':
                sender = re.search('<(.*?)>', line)[1]
                say('250 ok')
            elif verb == 'RCPT':
                to = re.search('<(.*?)>', line)[1]
                say('250 ok')
            elif verb == 'DATA':
                say('354 go on')
                text = b''
                while (part := self.rfile.readline()) not in (b'.\r\n', b''):
                    text += part
                head, _, body = text.decode(errors='replace').partition('\r\n\r\n')
                subject = re.search('(?mi)^subject: (.*)$', head)
                keep(sender, to, subject[1].strip() if subject else '', body)
                say('250 queued')
            elif verb == 'QUIT':
                return say('221 bye')
            else:
                say('250 ok')


def guard(request):
    if ':'.join(word or '' for word in request.basic) not in env('MP_UI_AUTH', '').split():
        raise Answer(401, 'Unauthorised.', WWW_Authenticate='Basic realm="Login"')


@route('GET', '/(?:readyz|livez)')
def ready(request):
    store.run('SELECT 1 FROM mailbox LIMIT 1')
    return Answer(200, 'ok', Content_Type='text/plain')


@route('GET', '/')
def front(request):
    guard(request)
    return front_page('Mailpit')


@route('GET', '/api/v1/messages')
def messages(request):
    guard(request)
    rows = store.run('SELECT * FROM mailbox ORDER BY created DESC')
    return {'total': len(rows), 'messages': [{'ID': row['id'], 'Subject': row['subject'], 'From': {'Address': row['sender']}} for row in rows]}


@route('POST', '/api/v1/send')
def send(request):
    guard(request)
    wanted = request.json
    return {'ID': keep(wanted['From']['Email'], wanted['To'][0]['Email'], wanted.get('Subject', ''), wanted.get('Text', ''))}


def main():
    global store
    store = sqlite(env('MP_DATABASE', '/tmp/mailpit.db'))
    store.run('CREATE TABLE IF NOT EXISTS mailbox (id TEXT PRIMARY KEY, sender TEXT, recipient TEXT, subject TEXT, text TEXT, created TEXT)')
    smtp = socketserver.ThreadingTCPServer(('0.0.0.0', 1025), Smtp)
    smtp.daemon_threads = True
    threading.Thread(target=smtp.serve_forever, daemon=True).start()
    serve(8025)
    until_stopped()
