<?php
// Every setting is read from the environment when WordPress starts: WORDPRESS_<NAME>, or the file in WORDPRESS_<NAME>_FILE.

$setting = static function (string $name, string $default = ''): string {
	$file = getenv("WORDPRESS_{$name}_FILE");
	if ($file !== false && $file !== '') {
		return rtrim((string) file_get_contents($file), "\r\n");
	}
	$value = getenv("WORDPRESS_{$name}");
	return $value === false ? $default : $value;
};

define('DB_NAME', $setting('DB_NAME', 'wordpress'));
define('DB_USER', $setting('DB_USER', 'wordpress'));
define('DB_PASSWORD', $setting('DB_PASSWORD'));
define('DB_HOST', $setting('DB_HOST', 'mysql'));
define('DB_CHARSET', $setting('DB_CHARSET', 'utf8mb4'));
define('DB_COLLATE', $setting('DB_COLLATE'));

define('AUTH_KEY', $setting('AUTH_KEY', '@KEY@'));
define('SECURE_AUTH_KEY', $setting('SECURE_AUTH_KEY', '@KEY@'));
define('LOGGED_IN_KEY', $setting('LOGGED_IN_KEY', '@KEY@'));
define('NONCE_KEY', $setting('NONCE_KEY', '@KEY@'));
define('AUTH_SALT', $setting('AUTH_SALT', '@KEY@'));
define('SECURE_AUTH_SALT', $setting('SECURE_AUTH_SALT', '@KEY@'));
define('LOGGED_IN_SALT', $setting('LOGGED_IN_SALT', '@KEY@'));
define('NONCE_SALT', $setting('NONCE_SALT', '@KEY@'));

$table_prefix = $setting('TABLE_PREFIX', 'wp_');

define('WP_DEBUG', filter_var($setting('DEBUG'), FILTER_VALIDATE_BOOLEAN));

// HTTPS ends at the proxy.
if (str_contains($_SERVER['HTTP_X_FORWARDED_PROTO'] ?? '', 'https')) {
	$_SERVER['HTTPS'] = 'on';
}

if ($setting('CONFIG_EXTRA') !== '') {
	eval($setting('CONFIG_EXTRA'));
}
unset($setting);

if (!defined('ABSPATH')) {
	define('ABSPATH', __DIR__ . '/');
}
require_once ABSPATH . 'wp-settings.php';
