<?php
// Every setting is read from the environment when MediaWiki starts.
if (!defined('MEDIAWIKI')) exit;

$wgSitename = getenv('WIKI_TITLE');
$wgServer = getenv('WIKI_URL');
$wgScriptPath = '';
$wgResourceBasePath = '';
$wgLanguageCode = getenv('WIKI_LANGUAGE');
$wgLocaltimezone = 'UTC';

$wgDBtype = 'mysql';
$wgDBserver = 'mariadb';
$wgDBname = getenv('WIKI_DB_NAME');
$wgDBuser = getenv('WIKI_DB_USER');
$wgDBpassword = getenv('WIKI_DB_PASSWORD');
$wgDBTableOptions = 'ENGINE=InnoDB, DEFAULT CHARSET=binary';
$wgSecretKey = getenv('WIKI_SECRET_KEY');
$wgAuthenticationTokenVersion = '1';

$wgMainCacheType = CACHE_ACCEL;
// Those who are signed in stay so when the container is made anew.
$wgSessionCacheType = CACHE_DB;
$wgCacheDirectory = "$IP/cache";
$wgEnableUploads = true;
$wgUseImageMagick = !extension_loaded('gd');
$wgPingback = false;

// The proxy is in front; only private addresses are believed.
$wgUsePrivateIPs = true;
$wgCdnServersNoPurge = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '127.0.0.0/8'];

$wgGroupPermissions['*']['createaccount'] = false;
$wgGroupPermissions['*']['edit'] = getenv('WIKI_ACCESS') === 'open';
$wgGroupPermissions['*']['read'] = getenv('WIKI_ACCESS') !== 'closed';

$wgEmergencyContact = $wgPasswordSender = getenv('WIKI_MAIL_FROM');
$wgEnableEmail = (string) getenv('WIKI_SMTP_HOST') !== '';
if ($wgEnableEmail) {
	$secure = getenv('WIKI_SMTP_PORT') === '465' ? 'ssl://' : '';
	$wgSMTP = [
		'host' => $secure . getenv('WIKI_SMTP_HOST'),
		'IDHost' => parse_url($wgServer, PHP_URL_HOST),
		'port' => (int) getenv('WIKI_SMTP_PORT'),
		'auth' => (string) getenv('WIKI_SMTP_USER') !== '',
		'username' => getenv('WIKI_SMTP_USER'),
		'password' => getenv('WIKI_SMTP_PASSWORD'),
	];
	unset($secure);
}

wfLoadSkin('Vector');
$wgDefaultSkin = 'vector-2022';
foreach (['Cite', 'ParserFunctions', 'WikiEditor'] as $extension) wfLoadExtension($extension);
unset($extension);
