<?php
// From the environment, as the official image reads it.
require '/etc/phpmyadmin/config.secret.inc.php';

$cfg['PmaAbsoluteUri'] = trim((string) getenv('PMA_ABSOLUTE_URI'));
$cfg['Servers'][1] = [
    'host' => getenv('PMA_HOST') ?: 'db',
    'port' => getenv('PMA_PORT') ?: '',
    'auth_type' => 'cookie',
    'compress' => false,
    'AllowNoPassword' => false,
];
$cfg['VersionCheck'] = false;
$cfg['UploadDir'] = '';
$cfg['SaveDir'] = '';
$cfg['TempDir'] = '/var/lib/phpmyadmin/tmp';
