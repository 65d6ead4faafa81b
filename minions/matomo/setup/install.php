<?php
// Goes through the pages that Matomo shows to its first visitor, before anybody is let in. Exit 0 when it is installed.
const CONFIG = '/var/www/html/config/config.ini.php';

function installed(): bool
{
    clearstatcache();
    $config = is_file(CONFIG) ? parse_ini_file(CONFIG, true, INI_SCANNER_RAW) : [];
    return isset($config['database']) && !isset($config['General']['installation_in_progress']);
}

function page(string $action, ?array $form = null, array $query = []): string
{
    $host = getenv('SITE_HOST');
    $context = stream_context_create(['http' => [
        'method' => $form === null ? 'GET' : 'POST',
        'header' => "Host: $host\r\nX-Forwarded-Host: $host\r\nContent-Type: application/x-www-form-urlencoded\r\n",
        'content' => $form === null ? '' : http_build_query($form),
        'follow_location' => 0,
        'ignore_errors' => true,
        'timeout' => 120,
    ]]);
    $address = 'http://127.0.0.1/index.php?' . http_build_query(['module' => 'Installation', 'action' => $action] + $query);
    return (string) file_get_contents($address, false, $context);
}

function fail(string $step, string $html): never
{
    preg_match_all('~<(?:li|div|p|pre)[^>]*(?:error|alert|warning)[^>]*>(.*?)</(?:li|div|p|pre)>~is', $html, $found);
    $said = trim(preg_replace('/\s+/', ' ', strip_tags(implode(' ', $found[1]))));
    fwrite(STDERR, "install: $step: " . ($said !== '' ? substr($said, 0, 600) : substr(strip_tags($html), 0, 300)) . "\n");
    exit(1);
}

// Matomo notes the host of its first visitor. The address follows the box, so only the file that every start writes may name it.
function forgetHost(): void
{
    $text = file_get_contents(CONFIG);
    $without = preg_replace('/^trusted_hosts\[\].*\R/m', '', $text);
    if ($without === $text) return;
    file_put_contents(CONFIG . '.new', $without);
    rename(CONFIG . '.new', CONFIG);
}

if (installed()) {
    forgetHost();
    exit(0);
}

// A try that was cut off has left tables and half a file of settings: it is begun again.
if (is_file(CONFIG)) unlink(CONFIG);
$db = new PDO('mysql:host=mariadb;dbname=matomo', 'matomo', getenv('MATOMO_DATABASE_PASSWORD'), [PDO::ATTR_ERRMODE => PDO::ERRMODE_EXCEPTION]);
foreach ($db->query("SHOW TABLES LIKE 'matomo\\_%'")->fetchAll(PDO::FETCH_COLUMN) as $table) $db->exec("DROP TABLE `$table`");

page('welcome');
page('systemCheck');
page('databaseSetup', [
    'host' => 'mariadb',
    'username' => 'matomo',
    'password' => getenv('MATOMO_DATABASE_PASSWORD'),
    'dbname' => 'matomo',
    'tables_prefix' => 'matomo_',
    'adapter' => 'PDO\MYSQL',
    'schema' => 'Mariadb',
    'submit' => 'Next',
]);
if (!is_file(CONFIG)) fail('the database was refused', page('databaseSetup'));
$html = page('tablesCreation');
if ($db->query("SHOW TABLES LIKE 'matomo_user'")->rowCount() === 0) fail('no tables were made', $html);
$html = page('setupSuperUser', [
    'login' => getenv('ADMIN_USER'),
    'password' => getenv('ADMIN_PASSWORD'),
    'password_bis' => getenv('ADMIN_PASSWORD'),
    'email' => getenv('ADMIN_EMAIL'),
    'submit' => 'Next',
]);
if ((int) $db->query('SELECT COUNT(*) FROM matomo_user WHERE superuser_access = 1')->fetchColumn() === 0) fail('the administrator was refused', $html);
$html = page('firstWebsiteSetup', [
    'siteName' => getenv('SITE_NAME'),
    'url' => getenv('SITE_URL'),
    'timezone' => 'UTC',
    'ecommerce' => '0',
    'submit' => 'Next',
]);
$site = (int) $db->query('SELECT MIN(idsite) FROM matomo_site')->fetchColumn();
if ($site === 0) fail('the site was refused', $html);
$query = ['site_idSite' => $site, 'site_name' => getenv('SITE_NAME')];
page('trackingCode', null, $query);
$html = page('finished', ['setup_geoip2' => '0', 'do_not_track' => '1', 'anonymise_ip' => '1', 'submit' => 'Continue'], $query);
if (!installed()) fail('the last page did not end the set-up', $html);
forgetHost();
echo "install: Matomo is there.\n";
