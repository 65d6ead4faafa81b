<?php
/**
 * Gives the wiki its address, and at the first start its title, rules and administrator. What is there stays as it is;
 * only the address follows the box. Exit 0 when an administrator is there.
 */

declare(strict_types=1);

const CONF = '/storage/conf';

function setting(string $name): string
{
	$value = (string) getenv("WIKI_$name");
	if ($value === '') {
		fwrite(STDERR, "setup: WIKI_$name is empty.\n");
		exit(1);
	}
	return $value;
}

/** Whole or not at all: a start may be killed at any instant. */
function put(string $file, string $text): void
{
	$path = CONF . "/$file";
	if (is_file($path) && file_get_contents($path) === $text) return;
	if (file_put_contents("$path.new", $text) !== strlen($text) || !rename("$path.new", $path)) {
		fwrite(STDERR, "setup: $path cannot be written.\n");
		exit(1);
	}
}

function settings(array $conf): string
{
	$text = "<?php\n";
	foreach ($conf as $key => $value) $text .= '$conf[' . var_export($key, true) . '] = ' . var_export($value, true) . ";\n";
	return $text;
}

umask(0027);
if (!is_dir(CONF)) mkdir(CONF, 0755, true);
put('local.protected.php', settings(['baseurl' => setting('URL'), 'basedir' => '/', 'securecookie' => (int) str_starts_with(setting('URL'), 'https:')]));

$users = is_file(CONF . '/users.auth.php') ? (string) file_get_contents(CONF . '/users.auth.php') : '';
if (preg_match('/^[^#:\n][^:\n]*:.*:(?:[^:\n]*,)?admin(?:,[^:\n]*)?$/m', $users)) exit(0);

$rules = ['open' => [['@ALL', 8]], 'public' => [['@ALL', 1], ['@user', 8]], 'closed' => [['@ALL', 0], ['@user', 8]]];
$lines = "# acl.auth.php\n# <?php exit()?>\n";
foreach ($rules[setting('ACCESS')] as [$group, $level]) $lines .= "*\t$group\t$level\n";
if (!is_file(CONF . '/acl.auth.php')) put('acl.auth.php', $lines);
if (!is_file(CONF . '/local.php')) {
	put('local.php', settings([
		'title' => setting('TITLE'),
		'lang' => setting('LANGUAGE'),
		'license' => '0',
		'useacl' => 1,
		'superuser' => '@admin',
		'disableactions' => 'register',
		'updatecheck' => 0,
	]));
}
$fields = [
	setting('ADMIN_USER'),
	password_hash(setting('ADMIN_PASSWORD'), PASSWORD_BCRYPT),
	'Administrator',
	setting('ADMIN_EMAIL'),
	'admin,user',
];
$line = implode(':', array_map(static fn(string $field) => str_replace(':', '\\:', $field), $fields));
put('users.auth.php', ($users === '' ? "# users.auth.php\n# <?php exit()?>\n" : rtrim($users) . "\n") . "$line\n");
echo "setup: the wiki is set up.\n";
