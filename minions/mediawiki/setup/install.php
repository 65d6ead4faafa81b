<?php
/**
 * Installs the wiki at its first start, with its administrator, and updates its tables when the program is a newer one.
 * The main page is what an installation writes last: tables without it are left from one that was cut off.
 */

declare(strict_types=1);

const SITE = '/var/www/html';
define('DATABASE', (string) getenv('WIKI_DB_NAME'));
define('DATABASE_USER', (string) getenv('WIKI_DB_USER'));

function fail(string $why): never
{
	fwrite(STDERR, "install: $why\n");
	exit(1);
}

/** Runs a maintenance script of MediaWiki; passwords go by file, for arguments can be seen. */
function maintain(array $arguments, array $environment = []): void
{
	$process = proc_open([PHP_BINARY, SITE . '/maintenance/run.php', ...$arguments], [STDIN, STDOUT, STDERR], $pipes, SITE, $environment + getenv());
	if (!$process || proc_close($process) !== 0) fail("\"$arguments[0]\" of MediaWiki failed.");
}

function secret(string $value): string
{
	$file = tempnam('/tmp', 'mw') ?: fail('/tmp cannot be written.');
	file_put_contents($file, $value);
	register_shutdown_function(static fn() => @unlink($file));
	return $file;
}

mysqli_report(MYSQLI_REPORT_ERROR | MYSQLI_REPORT_STRICT);
$database = new mysqli('mariadb', DATABASE_USER, (string) getenv('WIKI_DB_PASSWORD'), DATABASE);
$tables = array_column($database->query('SHOW TABLES')->fetch_all(), 0);
$complete = in_array('page', $tables, true) && $database->query('SELECT 1 FROM page LIMIT 1')->num_rows === 1;
preg_match("/define\( *'MW_VERSION', *'([^']+)' *\)/", (string) file_get_contents(SITE . '/includes/Defines.php'), $match);
$version = $match[1] ?? fail('the version of MediaWiki is not known.');
$key = "summoner-$version";

if (!$complete) {
	$database->query('SET FOREIGN_KEY_CHECKS = 0');
	foreach ($tables as $table) $database->query("DROP TABLE `$table`");
	$made = '/tmp/mediawiki-install';
	if (!is_dir($made)) mkdir($made, 0700);
	maintain([
		'install',
		"--confpath=$made",
		'--scriptpath=',
		'--server=' . getenv('WIKI_URL'),
		'--lang=' . getenv('WIKI_LANGUAGE'),
		'--dbtype=mysql',
		'--dbserver=mariadb',
		'--dbname=' . DATABASE,
		'--dbuser=' . DATABASE_USER,
		'--dbpassfile=' . secret((string) getenv('WIKI_DB_PASSWORD')),
		'--passfile=' . secret((string) getenv('WIKI_ADMIN_PASSWORD')),
		(string) getenv('WIKI_TITLE'),
		(string) getenv('WIKI_ADMIN_USER'),
	], ['MW_CONFIG_FILE' => "$made/none.php"]);
} elseif ($database->execute_query('SELECT 1 FROM updatelog WHERE ul_key = ?', [$key])->num_rows === 0) {
	maintain(['update', '--quick']);
}
$database->close();
$database = new mysqli('mariadb', DATABASE_USER, (string) getenv('WIKI_DB_PASSWORD'), DATABASE);
$database->execute_query('INSERT IGNORE INTO updatelog (ul_key) VALUES (?)', [$key]);
echo "install: MediaWiki $version is ready.\n";
