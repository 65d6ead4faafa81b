<?php
// DokuWiki's own settings lie in the image, those of this wiki in the volume.
if (!defined('DOKU_CONF')) define('DOKU_CONF', '/storage/conf/');
$shipped = '/etc/dokuwiki/';
$config_cascade = [
	'main' => [
		'default' => [$shipped . 'dokuwiki.php', $shipped . 'docker.php'],
		'local' => [DOKU_CONF . 'local.php'],
		'protected' => [DOKU_CONF . 'local.protected.php'],
	],
	'plugins' => [
		'default' => [$shipped . 'plugins.php'],
		'local' => [DOKU_CONF . 'plugins.local.php'],
		'protected' => [$shipped . 'plugins.required.php', DOKU_CONF . 'plugins.protected.php'],
	],
];
foreach (['acronyms.conf', 'entities.conf', 'interwiki.conf', 'license.php', 'manifest.json', 'mediameta.php', 'mime.conf', 'scheme.conf', 'smileys.conf', 'wordblock.conf'] as $file) {
	[$name, $kind] = explode('.', $file);
	$config_cascade[$name] = ['default' => [$shipped . $file], 'local' => [DOKU_CONF . "$name.local.$kind"]];
}
unset($shipped, $file, $name, $kind);
