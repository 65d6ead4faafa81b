"""gitlab-runner:19: config.toml below /etc/gitlab-runner, the engine's socket, a token that GitLab must know."""
from stand_in import *


def runner(*arguments):
    given = {word: arguments[at + 1] for at, word in enumerate(arguments[:-1]) if word.startswith('--')}
    config = given.get('--config', '/etc/gitlab-runner/config.toml')
    if arguments[0] == 'register':
        url, word = env('CI_SERVER_URL', refuse='PANIC: Invalid URL'), env('CI_SERVER_TOKEN', refuse='PANIC: Token is missing')
        if not word.startswith('glrt-'):
            fail('ERROR: Verifying runner... is not valid')
        if env('RUNNER_EXECUTOR') != 'docker' or not env('DOCKER_IMAGE'):
            fail('PANIC: Docker image is missing')
        open(config, 'w').write(f'concurrent = 1\n[[runners]]\n  name = "{env("RUNNER_NAME")}"\n  url = "{url}"\n  token = "{word}"\n  executor = "docker"\n')
    elif arguments[0] == 'verify':
        return 0 if 'token = "glrt-' in open(config).read() else 1
    elif arguments[0] == 'run':
        if 'token' not in open(config).read():
            fail('FATAL: no runners')
        if not os.access('/var/run/docker.sock', os.W_OK):
            fail('ERROR: Cannot connect to the Docker daemon at unix:///var/run/docker.sock')
        print('Configuration loaded', flush=True)
        until_stopped()


COMMANDS = {'gitlab-runner': runner}


def main():
    runner(*sys.argv[2:])
