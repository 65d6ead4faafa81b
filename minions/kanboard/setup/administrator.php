<?php
// Every Kanboard begins with admin/admin: this one has a password of its own before anybody is let in.
$db = new PDO('sqlite:/var/www/app/data/db.sqlite', options: [PDO::ATTR_ERRMODE => PDO::ERRMODE_EXCEPTION]);
$db->exec('PRAGMA busy_timeout = 10000');
$hash = $db->query("SELECT password FROM users WHERE username = 'admin'")->fetchColumn();
if (is_string($hash) && password_verify('admin', $hash)) {
    $set = $db->prepare("UPDATE users SET password = ? WHERE username = 'admin'");
    $set->execute([password_hash(getenv('ADMIN_PASSWORD'), PASSWORD_BCRYPT)]);
}
echo "administrator: admin is there.\n";
