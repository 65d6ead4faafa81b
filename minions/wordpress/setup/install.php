<?php
/**
 * Installs WordPress without a person: title, administrator and language from the environment. Exit 0 when an
 * administrator is there, whether made now or before; a run that was cut off is completed by the next one.
 */

declare(strict_types=1);

function fail(string $why): never
{
	fwrite(STDERR, "install: $why\n");
	exit(1);
}

/** No mail about the new site: the password would be in it, and there may be no mail server. */
function wp_new_blog_notification(...$ignored): void {}

$url = (string) getenv('SITE_URL');
$user = getenv('SITE_ADMIN_USER') ?: 'admin';
$email = (string) getenv('SITE_ADMIN_EMAIL');
$password = (string) getenv('SITE_ADMIN_PASSWORD');
$title = getenv('SITE_TITLE') ?: 'WordPress';
$locale = getenv('SITE_LOCALE') ?: 'en_US';
$host = parse_url($url, PHP_URL_HOST) ?: fail('SITE_URL is not a URL.');
if ($password === '') fail('SITE_ADMIN_PASSWORD is empty.');

$_SERVER += ['REMOTE_ADDR' => '127.0.0.1', 'SERVER_PROTOCOL' => 'HTTP/1.1', 'REQUEST_METHOD' => 'GET'];
$_SERVER['HTTP_HOST'] = $_SERVER['SERVER_NAME'] = $host;
$_SERVER['REQUEST_URI'] = $_SERVER['PHP_SELF'] = '/wp-admin/install.php';
if (str_starts_with($url, 'https:')) $_SERVER['HTTP_X_FORWARDED_PROTO'] = 'https';

define('WP_INSTALLING', true);
require '/var/www/html/wp-load.php';
require ABSPATH . 'wp-admin/includes/upgrade.php';
require ABSPATH . 'wp-admin/includes/translation-install.php';

// The installer asks the site itself whether pretty addresses work, before anybody can reach it.
$isolate = fn() => new WP_Error('offline', 'No request leaves while the site is installed.');
add_filter('pre_http_request', $isolate, 10, 0);

$administrators = is_blog_installed() ? get_users(['role' => 'administrator', 'fields' => 'ID', 'number' => 1]) : [];
if (get_option('summoner_installed') && $administrators) {
	echo "install: WordPress is installed.\n";
	exit(0);
}

if (!$administrators) {
	$languages = WP_CONTENT_DIR . '/languages';
	if ($locale !== 'en_US' && !is_file("$languages/$locale.mo")) {
		remove_filter('pre_http_request', $isolate, 10);
		if (!wp_download_language_pack($locale)) {
			echo "install: the language $locale cannot be had; the site is in English.\n";
			$locale = 'en_US';
		}
		add_filter('pre_http_request', $isolate, 10, 0);
	}
	if ($locale !== 'en_US') load_default_textdomain($locale);
	wp_install($title, $user, $email, true, '', wp_slash($password), $locale === 'en_US' ? '' : $locale);
}

$made = get_user_by('login', $user);
if (!$made && !$administrators) fail("the administrator $user was not made.");

add_filter('got_rewrite', '__return_true');
require_once ABSPATH . 'wp-admin/includes/misc.php';
require_once ABSPATH . 'wp-admin/includes/file.php';
global $wp_rewrite;
if (get_option('permalink_structure') === '' || get_option('permalink_structure') === false) {
	$wp_rewrite->init();
	$wp_rewrite->set_permalink_structure('/%year%/%monthnum%/%day%/%postname%/');
}
$wp_rewrite->flush_rules(true);
update_option('summoner_installed', gmdate('c'), false);
echo "install: WordPress {$GLOBALS['wp_version']} installed for $user at $url.\n";
